import { expect, test } from 'vitest';
import { demoHeadline, formatLogLine } from '../../cli/foreground-stack.ts';

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

const local = { openai: undefined, embeddings: undefined, pinecone: undefined, aws: [] };

test('an all-local demo has one headline that names the local model', () => {
  expect(demoHeadline(local, 90)).toEqual([
    'everytoken demo · local n-gram model, not an LLM · pace simulated at 90 tokens/s',
  ]);
  expect(demoHeadline(local, 0)).toEqual(['everytoken demo · local n-gram model, not an LLM · unpaced']);
});

test("the user's own services are listed, with a note on their cost", () => {
  const [first, ...rest] = demoHeadline(
    { ...local, openai: 'https://api.openai.com/v1', pinecone: 'https://api.pinecone.io' },
    90,
  );
  expect(first).toBe('everytoken demo · model at api.openai.com');
  expect(rest).toContain('pinecone     https://api.pinecone.io');
  expect(rest).toContain('aws          local');
  expect(rest.at(-1)).toMatch(/may charge you/);
});

test('with only Pinecone remote, the headline still names the local model', () => {
  const lines = demoHeadline({ ...local, pinecone: 'https://api.pinecone.io' }, 90);
  expect(lines[0]).toMatch(/not an LLM/);
  expect(lines.at(-1)).toMatch(/may charge you/);
});
