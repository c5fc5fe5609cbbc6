import { expect, test } from 'vitest';
import { makeJsonLog } from '../../../../lib/adapters/lambda/json-log.ts';
import { logContract, pointOf } from '../../../contracts/log.ts';
import { emfProblems, valuesIn } from '../../../fixtures/read-emf.ts';

const NOT_FIELDS = /^(_aws|time$|gen_ai\.|everytoken\.)/;
const ATTRIBUTES = /^(gen_ai\.(operation|provider|request|response)\.|gen_ai\.token\.type$)/;

/** Attributes at the root of the line. */
const attributesOf = (line: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(line).filter(([name]) => ATTRIBUTES.test(name))) as Record<
    string,
    string
  >;

logContract('JSON lines', () => {
  const texts: string[] = [];
  return {
    log: makeJsonLog({}, (text) => texts.push(text)),
    lines: () =>
      texts
        .map((text) => JSON.parse(text))
        .filter(({ event }) => event !== 'metrics.continued')
        .map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => !NOT_FIELDS.test(name)))),
    points: () =>
      texts
        .flatMap((text) =>
          valuesIn(text).flatMap(({ name, values }) => {
            // The contract has the model as its only attribute, and a run's failures have none.
            const attributes = name === 'everytoken.run.failures' ? {} : attributesOf(JSON.parse(text));
            return values.map((value) => pointOf(name, attributes, value));
          }),
        )
        .sort(),
  };
});

test('an event is one line of JSON, whatever its fields hold', () => {
  const lines: string[] = [];
  const log = makeJsonLog({ function: 'embed' }, (line) => lines.push(line));
  log.info('run.completed', { run_id: 'run_1', e2e_ms: 12.5, code: undefined });
  log.error('sweep.item_failed', { item: 'two\nlines' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', event: 'run.completed', function: 'embed', run_id: 'run_1', e2e_ms: 12.5 },
    { level: 'error', event: 'sweep.item_failed', item: 'two\nlines' },
  ]);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('code');
});

test('fields that change from one invocation to the next are read anew for each line', () => {
  const lines: string[] = [];
  let requestId: string | undefined;
  const log = makeJsonLog(
    () => ({ request_id: requestId }),
    (line) => lines.push(line),
  );
  log.info('environment.started', {});
  requestId = 'a';
  log.info('run.accepted', {});
  expect(lines.map((line) => JSON.parse(line).request_id)).toEqual([undefined, 'a']);
});

test('measurements that do not fit into one line follow in lines with the same run_id', () => {
  const lines: string[] = [];
  const log = makeJsonLog({ function: 'generateHttp' }, (line) => lines.push(line), {
    namespace: 'everytoken/prod',
    now: () => Date.UTC(2026, 10, 22, 13),
  });
  const tokens = (model: string, value: number) => ({
    name: 'everytoken.output_tokens' as const,
    values: [value],
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': model },
  });
  log.info('run.generated', { run_id: 'run_1', trace_id: 'ab', attempts: 1 }, [
    tokens('a', 77),
    tokens('b', 9),
  ]);
  expect(lines.flatMap(emfProblems)).toEqual([]);
  const [first, second] = lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({ event: 'run.generated', attempts: 1, 'everytoken.output_tokens': 77 });
  expect(second).toEqual({
    time: '2026-11-22T13:00:00.000Z',
    level: 'info',
    event: 'metrics.continued',
    function: 'generateHttp',
    of: 'run.generated',
    run_id: 'run_1',
    trace_id: 'ab',
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'b',
    'everytoken.output_tokens': 9,
    _aws: {
      Timestamp: Date.UTC(2026, 10, 22, 13),
      CloudWatchMetrics: [
        {
          Namespace: 'everytoken/prod',
          Dimensions: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
          Metrics: [{ Name: 'everytoken.output_tokens', Unit: 'Count' }],
        },
      ],
    },
  });
});
