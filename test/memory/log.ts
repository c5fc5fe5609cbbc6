import type { Log } from '../../lib/observe/log.ts';
import type { Measurement } from '../../lib/observe/metrics.ts';
import { copyOf } from './copy.ts';

export type LogEntry = { level: 'info' | 'warn' | 'error'; event: string } & Record<string, unknown>;

/** Keeps logged events and measurements. */
export const makeMemoryLog = (): Log & {
  entries: LogEntry[];
  measurements: Measurement[];
  named: (event: string) => LogEntry[];
  /** All values of a metric, or those with the given attributes. */
  valuesOf: (name: Measurement['name'], attributes?: Measurement['attributes']) => number[];
} => {
  const entries: LogEntry[] = [];
  const kept: Measurement[] = [];
  const at =
    (level: LogEntry['level']) =>
    (event: string, fields: Record<string, unknown>, measurements: readonly Measurement[] = []) => {
      const known = Object.entries(fields).filter(([, value]) => value !== undefined);
      entries.push({ ...Object.fromEntries(known), level, event });
      kept.push(...copyOf(measurements));
    };
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    entries,
    measurements: kept,
    named: (event) => entries.filter((entry) => entry.event === event),
    valuesOf: (name, attributes = {}) =>
      kept
        .filter(
          (measurement) =>
            measurement.name === name &&
            Object.entries(attributes).every(
              ([key, value]) => (measurement.attributes as Record<string, string>)[key] === value,
            ),
        )
        .flatMap(({ values }) => values),
  };
};
