import { describe, expect, test } from 'vitest';
import { formatLogLine, makeRepeats, warningOf } from '../../../cli/start/log-lines.ts';

const line = (fields: object) =>
  `everytoken-local-embed: ${JSON.stringify({
    ...{ time: '2026-11-22T21:12:54.539Z', level: 'info', event: 'run.completed', function: 'embed' },
    ...{ request_id: 'a', run_id: 'run_1', trace_id: 'b', 'gen_ai.operation.name': 'chat', _aws: {} },
    ...fields,
  })}`;

test('a log line shows time, function, event and fields, without metrics and traces', () => {
  expect(formatLogLine(line({ vectors: 1 }))).toBe('21:12:54  embed  run.completed  run_id=run_1  vectors=1');
});

test('a warning is marked, and lists are printed readably', () => {
  expect(formatLogLine(line({ level: 'warn', event: 'upsert.failed', run_ids: ['run_1', 'run_2'] }))).toBe(
    '21:12:54  embed  upsert.failed  WARN  run_id=run_1  run_ids=["run_1","run_2"]',
  );
});

test('a field cannot forge a line, nor rearrange it', () => {
  const shown = formatLogLine(line({ event: 'file.created', key: 'prompts/a\u202Etxt\u001B[2K\nlie.jsonl' }));
  expect(shown).toContain('key=prompts/a\\u202etxt\\u001b[2K\\nlie.jsonl');
});

test.each(['metrics.continued', 'environment.started'])('%s is left out', (event) => {
  expect(formatLogLine(line({ event }))).toBeUndefined();
});

test.each([
  'error: {"a":1}',
  'everytoken-local-api: {not json',
  'embed: {"time":1}',
  'sweep: Error: {x}',
  '',
])('any other line stays as it is: %s', (other) => {
  expect(formatLogLine(other)).toBe(other);
});

describe('a warning in one line', () => {
  test('names the function, the event, the code and the reason, and no ids', () => {
    const logged = line({
      level: 'warn',
      event: 'upsert.failed',
      code: 'pinecone',
      error: 'no answer within 5 s',
    });
    expect(warningOf(logged)).toMatchObject({
      text: 'embed: upsert.failed: pinecone: no answer within 5 s',
      isError: false,
    });
  });

  test('has the first line of an error alone, without its stack', () => {
    const logged = line({
      level: 'error',
      event: 'http.failed',
      code: 'internal',
      error: 'Error: x\n    at y (z.ts:1:1)',
    });
    expect(warningOf(logged)).toMatchObject({
      text: 'embed: http.failed: internal: Error: x',
      isError: true,
    });
  });

  test.each([
    line({}),
    'everytoken-local-api:     at loadHandler (file:///a.ts:39:43)',
    "everytoken-local-api:   code: 'configuration',",
    'everytoken-local-api: }',
    'everytoken-local-api: (node:1) ExperimentalWarning: SQLite',
    '',
  ])('is none: %s', (other) => {
    expect(warningOf(other)).toBeUndefined();
  });

  test('is what any part says by itself, and a text cannot forge a line or move the cursor', () => {
    expect(warningOf('sqs: no room\u001b[2K\nerror: lie')?.text).toBe('sqs: no room error: lie');
    expect(warningOf('everytoken-local-api: Error: it broke')?.text).toBe('api: Error: it broke');
    expect(warningOf(`s3: ${'x'.repeat(1_000)}`)?.text).toHaveLength(301);
  });
});

describe('repeated warnings', () => {
  const failed = (message: number, extra = {}) => {
    const found = warningOf(
      line({
        level: 'error',
        event: 'message.failed',
        code: 'timeout',
        error: `no answer to ${message}`,
        ...extra,
      }),
    );
    if (!found) throw new Error('it is no warning');
    return found;
  };

  test('are shown once and then counted, whatever their ids and numbers, in ever longer intervals', () => {
    const repeats = makeRepeats();
    expect(repeats.isNew(failed(1), 0)).toBe(true);
    for (let at = 2; at <= 200; at++) expect(repeats.isNew(failed(at), at)).toBe(false);
    expect(repeats.isNew(failed(1, { code: 'other' }), 300)).toBe(true);
    expect(repeats.due(9_999)).toEqual([]);
    expect(repeats.due(10_000).map(({ again }) => again)).toEqual([199]);
    repeats.isNew(failed(201), 11_000);
    expect(repeats.due(29_999)).toEqual([]);
    expect(repeats.due(30_000).map(({ again }) => again)).toEqual([1]);
  });

  test('begin anew after a quiet interval', () => {
    const repeats = makeRepeats();
    repeats.isNew(failed(1), 0);
    expect(repeats.due(10_000)).toEqual([]);
    expect(repeats.isNew(failed(2), 10_001)).toBe(true);
  });

  test('are all told at the end', () => {
    const repeats = makeRepeats();
    for (let at = 0; at < 3; at++) repeats.isNew(failed(at), 0);
    expect(repeats.due(Number.POSITIVE_INFINITY).map(({ again }) => again)).toEqual([2]);
  });
});
