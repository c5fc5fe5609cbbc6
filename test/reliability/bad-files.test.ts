import { gzipSync } from 'node:zlib';
import type { Context, SQSEvent } from 'aws-lambda';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { CreatedObject } from '../../lib/files/read/intake.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { composedFunctions } from './composed-functions.ts';
import { makeService } from './service.ts';

let functions: Awaited<ReturnType<typeof composedFunctions>>;
beforeAll(async () => {
  functions = await composedFunctions();
});

let world: World;
let prompts: () => string[];
beforeEach(() => {
  const generateOne = makeGenerateOne();
  prompts = () => generateOne.calls.map(({ prompt }) => prompt).toSorted();
  world = makeWorld({ generateOne });
});

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const messageOf = (body: unknown) =>
  ({
    Records: [{ messageId: 'm', body: JSON.stringify(body), attributes: { ApproximateReceiveCount: '1' } }],
  }) as SQSEvent;

/** S3's own notification, its key form-encoded. */
const notificationOf = ({ bucket, key, etag, size, sequencer }: CreatedObject) => {
  const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  return {
    Records: [{ s3: { bucket: { name: bucket }, object: { key: encoded, eTag: etag, size, sequencer } } }],
  };
};

/** Delivers the event once and works everything off, so that the outcome needs no second delivery. */
const take = async (object: CreatedObject) => {
  const handler = functions.makeIntakeHandler(world.deps);
  const { batchItemFailures } = await handler(messageOf(notificationOf(object)), context);
  expect(batchItemFailures).toEqual([]);
  await makeService({ world }).untilQuiet();
};

const onlyFile = () => {
  const [file, ...others] = world.files.files.values();
  if (!file || others.length > 0) throw new Error(`there are ${world.files.files.size} files, not one`);
  return file;
};
const resultsOf = async (key: string) =>
  (await world.content.get(`results/${key}.jsonl`)).trimEnd().split('\n');

const recorded = async (key: string, code: string) => {
  expect(onlyFile()).toMatchObject({ key, status: 'failed', error: { code }, dueAt: null });
  expect((await resultsOf(key)).join()).toContain(code);
  expect(JSON.parse(await world.content.get(`results/${key}.summary.json`))).toMatchObject({
    status: 'failed',
    error: { code },
  });
  expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
  expect(prompts()).toEqual([]);
};

const FORMATS = ['txt', 'md', 'json', 'jsonl', 'csv'];
const each = (...bytes: (string | Uint8Array)[]) =>
  FORMATS.flatMap((format) =>
    bytes.map((body): [string, string | Uint8Array] => [`prompts/a.${format}`, body]),
  );

test.each<[name: string, code: string, files: [key: string, body: string | Uint8Array][]]>([
  ['zero bytes', 'empty', each('', ' \r\n', '\uFEFF')],
  ['invalid UTF-8', 'bad_encoding', each(Buffer.from('prompt\nGrüße\n', 'latin1'))],
  ['mislabelled gzip', 'bad_encoding', each(gzipSync('{"prompt":"one"}\n'))],
])('%s: the file ends as %s, recorded once, and is not read again', async (_, code, files) => {
  for (const [key, body] of files) {
    world = makeWorld();
    await take(world.drop(key, body));
    await recorded(key, code);
  }
});

test('over the size limit: the file ends as too_large before it is read', async () => {
  const key = 'prompts/a.txt';
  const object = { ...world.drop(key, 'one'), size: 1024 * 1024 + 1 };
  // A read of the object would end as unreadable instead.
  world.content.forbidden.add(key);
  await take(object);
  await recorded(key, 'too_large');
});

test('unreadable object: the file ends as unreadable, and is not read again', async () => {
  const key = 'prompts/a.json';
  world.content.forbidden.add(key);
  await take(world.drop(key, '[]'));
  await recorded(key, 'unreadable');
});

test.each<[key: string, body: string]>([
  ['prompts/a.txt', 'one\r\n'],
  ['prompts/a.md', '---\r\nmax_tokens: 5\r\n---\r\none\r\n'],
  ['prompts/a.json', '[\r\n{"prompt":"one"}\r\n]'],
  ['prompts/a.jsonl', '{"prompt":"one"}\r\n'],
  ['prompts/a.csv', 'prompt;note\r\none;x\r\n'],
])('BOM and CRLF are accepted: %s', async (key, body) => {
  await take(world.drop(key, `\uFEFF${body}`));
  expect([onlyFile().status, prompts()]).toEqual(['completed', ['one']]);
});

test.each<[key: string, body: string, line: number]>([
  ['prompts/a.json', '[{"prompt":"one"},{"prompt":"two","top_p":7},{"prompt":"three"}]', 2],
  ['prompts/a.jsonl', '{"prompt":"one"}\n{"prompt":\n{"prompt":"three"}\n', 2],
  ['prompts/a.csv', 'prompt,top_p\none,1\ntwo,7\nthree,1\n', 3],
])('a bad line is named by its number and the other lines are processed: %s', async (key, body, line) => {
  await take(world.drop(key, body));
  expect([onlyFile().status, prompts()]).toEqual(['completed_with_errors', ['one', 'three']]);
  const rows = (await resultsOf(key)).map((row) => JSON.parse(row));
  expect(rows).toMatchObject([{ status: 'completed' }, { line, status: 'failed' }, { status: 'completed' }]);
});

test.each([
  ['a.jsonl', '{"prompt":"one"}\n', '\n{"prompt":"three"}\n', 2],
  ['a.csv', 'prompt,note\none,x\n', '\nthree,y\n', 3],
])('a line of 50 MB is refused alone, and never held in memory: %s', async (name, head, tail, line) => {
  const key = `prompts/${name}`;
  const at = head.length + 50 * 1024 * 1024;
  const size = at + tail.length;
  const ranges: number[] = [];
  const readSource: World['readSource'] = async (_key, _etag, { start, end }) => {
    const until = Math.min(end, size);
    ranges.push(until - start);
    const bytes = Buffer.alloc(until - start, 'x');
    for (const [text, from] of [[head, 0] as const, [tail, at] as const]) {
      const part = Buffer.from(text).subarray(Math.max(0, start - from), Math.max(0, until - from));
      part.copy(bytes, Math.max(0, from - start));
    }
    return bytes;
  };
  world = { ...world, readSource, deps: { ...world.deps, readSource } };
  await take({ ...world.drop(key, ''), size });
  expect([onlyFile().status, prompts()]).toEqual(['completed_with_errors', ['one', 'three']]);
  const rows = (await resultsOf(key)).map((row) => JSON.parse(row));
  expect(rows).toMatchObject([
    { status: 'completed' },
    { line, status: 'failed', error: { code: 'line_too_long' } },
    { status: 'completed' },
  ]);
  expect(Math.max(...ranges)).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(JSON.stringify(rows).length).toBeLessThan(100_000);
});

test('a line with a custom_id used before fails alone', async () => {
  const line = (id: string, content: string) =>
    JSON.stringify({
      custom_id: id,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-6-luna', messages: [{ role: 'user', content }] },
    });
  const key = 'prompts/batch.jsonl';
  await take(world.drop(key, [line('a', 'one'), line('a', 'two'), line('b', 'three')].join('\n')));
  expect(prompts()).toEqual(['one', 'three']);
  const rows = (await resultsOf(key)).map((row) => JSON.parse(row));
  expect(rows.map(({ custom_id, error }) => [custom_id, error === null])).toEqual([
    ['a', true],
    ['a', false],
    ['b', true],
  ]);
});

test.each([
  ['wrong extension', 'prompts/notes.pdf'],
  ['folder marker', 'prompts/folder/'],
  ['key under the results prefix', 'results/prompts/a.json'],
])('%s: ignored and counted, so that there is no loop', async (_, key) => {
  await take(world.drop(key, '[{"prompt":"one"}]'));
  expect([world.files.files.size, prompts()]).toEqual([0, []]);
  expect(world.log.named('file.ignored')).toHaveLength(1);
});

test.each(['a+b.txt', 'a b.txt', '100%.txt', '%2B.txt', 'Grüße 漢字 👩‍🚀.txt', 'a&b=c?.txt'])(
  'keys with +, space, % and Unicode are processed: %s',
  async (name) => {
    const key = `prompts/${name}`;
    await take(world.drop(key, 'one'));
    expect([onlyFile().key, onlyFile().status, prompts()]).toEqual([key, 'completed', ['one']]);
    expect(await world.content.get(`results/${key}.txt`)).toContain('one');
  },
);

test('../ in a key has no special meaning', async () => {
  const key = 'prompts/@alice/../@bob/../../outputs/a.txt';
  await take(world.drop(key, 'one'));
  expect(onlyFile()).toMatchObject({ key, caller: 'alice', status: 'completed' });
  expect(world.content.objects.has(`results/${key}.jsonl`)).toBe(true);
});
