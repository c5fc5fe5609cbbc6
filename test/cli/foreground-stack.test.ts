import { expect, test } from 'vitest';
import { functionLine } from '../../cli/function-line.ts';

const line = (fields: object) =>
  `everytoken-local-embed: ${JSON.stringify({
    ...{ time: '2026-11-22T21:12:54.539Z', level: 'info', event: 'run.completed', function: 'embed' },
    ...{ request_id: 'a', run_id: 'run_1', trace_id: 'b', 'gen_ai.operation.name': 'chat', _aws: {} },
    ...fields,
  })}`;

test('a line of a function says when, where and what, without metrics and traces', () => {
  expect(functionLine(line({ vectors: 1 }))).toBe('21:12:54  embed  run.completed  run_id=run_1  vectors=1');
});

test('a warning is marked, and lists are readable', () => {
  expect(functionLine(line({ level: 'warn', event: 'upsert.failed', run_ids: ['run_1', 'run_2'] }))).toBe(
    '21:12:54  embed  upsert.failed  WARN  run_id=run_1  run_ids=["run_1","run_2"]',
  );
});

test.each(['metrics.continued', 'environment.started'])('%s is left out', (event) => {
  expect(functionLine(line({ event }))).toBeUndefined();
});

test.each([
  'error: {"a":1}',
  'everytoken-local-api: {not json',
  'embed: {"time":1}',
  'sweep: Error: {x}',
  '',
])('any other line stays as it is: %s', (other) => {
  expect(functionLine(other)).toBe(other);
});
