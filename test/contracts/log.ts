import { describe, expect, test } from 'vitest';
import type { Log } from '../../lib/observe/log.ts';
import type { Measurement } from '../../lib/observe/metrics.ts';

export type ReadLog = {
  log: Log;
  /** Logged lines: level, event and fields, without the time and without lines of measurements alone. */
  lines: () => Record<string, unknown>[];
  /** Every measured value, as a sorted list of texts. */
  points: () => string[];
};

/** A value with its metric's name and its attributes, as a text. */
export const pointOf = (name: string, attributes: Record<string, string>, value: number): string =>
  JSON.stringify([name, Object.entries(attributes).sort(), value]);

export const pointsOf = (measurements: readonly Measurement[]): string[] =>
  measurements
    .flatMap(({ name, values, attributes = {} }) => values.map((value) => pointOf(name, attributes, value)))
    .sort();

/** The contract of a log, for every implementation. */
export const logContract = (name: string, open: () => ReadLog): void => {
  describe(`${name} as a log`, () => {
    test('records each event with its level and its fields, leaving undefined ones out', () => {
      const { log, lines, points } = open();
      log.info('run.generated', { run_id: 'run_1', trace_id: undefined });
      log.warn('event.delayed', { run_id: 'run_1', code: 'internal' });
      log.error('http.failed', {});
      expect(lines()).toEqual([
        { level: 'info', event: 'run.generated', run_id: 'run_1' },
        { level: 'warn', event: 'event.delayed', run_id: 'run_1', code: 'internal' },
        { level: 'error', event: 'http.failed' },
      ]);
      expect(points()).toEqual([]);
    });

    test('records every measured value under its metric and its attributes', () => {
      const { log, lines, points } = open();
      const measurements: Measurement[] = [
        { name: 'everytoken.run.failures', values: [0] },
        ...['a', 'b'].map(
          (model): Measurement => ({
            name: 'everytoken.cost',
            values: Array.from({ length: 150 }, (_, at) => at / 1000),
            attributes: { 'gen_ai.request.model': model },
          }),
        ),
      ];
      log.info('run.generated', { run_id: 'run_1' }, measurements);
      log.info('run.generated', { run_id: 'run_2' }, [{ name: 'everytoken.run.failures', values: [0] }]);
      expect(lines().map(({ run_id }) => run_id)).toEqual(['run_1', 'run_2']);
      expect(points()).toHaveLength(302);
      expect(points()).toEqual(pointsOf([...measurements, { name: 'everytoken.run.failures', values: [0] }]));
    });
  });
};
