import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PromptFormat } from '../../../../lib/files/formats/format-of-key.ts';
import { readRecords } from '../../../../lib/files/formats/read-records.ts';
import { toRequest } from '../../../../lib/files/formats/to-request.ts';
import { listOf, readAll, refused } from './read-all.ts';

const FORMATS: PromptFormat[] = ['text', 'json', 'jsonl', 'csv'];
const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe.each(FORMATS)('a file of format %s', (format) => {
  test.each(['', '  \r\n', '\uFEFF', '\uFEFF\n', '\n\n'])(
    'that reads %j is refused as empty',
    async (text) => {
      await expect(readAll(text, { format })).rejects.toEqual(refused('empty'));
    },
  );

  test.each([
    ['a mislabelled gzip', gzipSync('{"prompt":"one"}\n')],
    ['Latin-1', latin1('prompt;note\nGrüße;x\n')],
    ['UTF-16', Buffer.from('\uFEFFprompt\none\n', 'utf16le')],
    ['a character cut off at its end', Buffer.from('prompt\né\n漢').subarray(0, -1)],
  ])('that holds %s is refused as badly encoded', async (_, bytes) => {
    await expect(readAll(bytes, { format })).rejects.toEqual(refused('bad_encoding', /save it as UTF-8/));
  });

  test('that is not UTF-8 is refused with the offset of the first bad byte, wherever its chunks end', async () => {
    const bad = fc.constantFrom(
      [0xfc],
      [0xe9, 0x73],
      [0xef, 0xbf, 0x20],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f],
      [0xef],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', '\uFEFF'),
        fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀', '\uFFFD'), maxLength: 9 }),
        bad,
        fc.constantFrom('', 'z', 'zé'),
        fc.array(fc.nat(50), { maxLength: 8 }),
        async (mark, before, bytes, after, at) => {
          const good = Buffer.from(`${mark}"prompt"\n${before}`);
          const file = Buffer.concat([good, Buffer.from(bytes), Buffer.from(after)]);
          const cuts = at.map((cut) => Math.min(cut, file.length));
          const message = new RegExp(`not UTF-8 \\(byte ${good.length}, counted from 0\\)`);
          await expect(readAll(file, { format, cuts })).rejects.toEqual(refused('bad_encoding', message));
        },
      ),
      { numRuns: 100 },
    );
  });
});

test.each([
  [
    'UTF-16',
    Buffer.from('\uFEFFprompt\n', 'utf16le'),
    /byte 0, counted from 0\) but UTF-16, as "Unicode Text" of Excel is; save/,
  ],
  ['big-endian UTF-16', Buffer.from([0xfe, 0xff, 0, 0x70]), /byte 0, counted from 0\) but UTF-16/],
  ['gzip', gzipSync('prompt\none\n'), /byte 1, counted from 0\) but compressed by gzip; unpack it; save/],
  [
    'a workbook',
    Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0, 0x86]),
    /byte 6, .* but a zip file or a workbook; save/,
  ],
])('a file of %s is refused by the name of its kind', async (_, bytes, message) => {
  await expect(readAll(bytes, { format: 'csv', cuts: [1, 2] })).rejects.toEqual(
    refused('bad_encoding', message),
  );
});

test('a byte that is not UTF-8 in the last of many lines refuses the file, naming its place', async () => {
  const good = '{"prompt":"one"}\n'.repeat(1_000);
  const { records } = await readRecords(chunks(Buffer.from(good), latin1('{"prompt":"ü"}\n')), {
    format: 'jsonl',
  });
  const read: number[] = [];
  const reading = (async () => {
    for await (const { line } of records) read.push(line);
  })();
  await expect(reading).rejects.toEqual(refused('bad_encoding', /byte 17011, counted/));
  expect(read).toHaveLength(1_000);
});

test('a byte that is not UTF-8 is found even in a line that is skipped', async () => {
  const long = Buffer.concat([Buffer.alloc(3 * 1024 * 1024, 'x'), latin1('ü'), Buffer.from('\n')]);
  for (const format of ['jsonl', 'csv'] as const) {
    await expect(readAll(Buffer.concat([Buffer.from('prompt\n'), long]), { format })).rejects.toEqual(
      refused('bad_encoding'),
    );
  }
});

test.each([
  ['text', 1],
  ['json', 16],
] as const)('a file of format %s over %d MiB is refused as too large', async (format, mib) => {
  const most = `"${'x'.repeat(mib * 1024 * 1024 - 2)}"`;
  expect((await readAll(most, { format })).records).toHaveLength(1);
  await expect(readAll(`${most} `, { format })).rejects.toEqual(refused('too_large', /split it/));
});

test('a file of 100,000 prompts is accepted, one of 100,001 refused', async () => {
  const lines = (count: number) => '{"prompt":"x"}\n'.repeat(count);
  expect((await readAll(lines(100_000), { format: 'jsonl' })).records).toHaveLength(100_000);
  await expect(readAll(lines(100_001), { format: 'jsonl' })).rejects.toEqual(refused('too_many_prompts'));
});

test.each([
  ['jsonl', '{"prompt":"one"}\n', '{"prompt":"two"}\n', 50],
  ['csv', 'prompt,note\none,x\n', 'two,y\n', 50],
  // More than a string can hold, so that holding it would fail.
  ['jsonl', '{"prompt":"one"}\n', '{"prompt":"two"}\n', 600],
  ['csv', 'prompt,note\none,x\n', 'two,y\n', 600],
] as const)(
  'a line in a .%s after %j, before %j, of %d MiB is refused alone and never held in memory',
  async (format, before, after, mib) => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    async function* source() {
      yield Buffer.from(before);
      for (let at = 0; at < mib; at += 1) yield piece;
      yield Buffer.from(`\n${after}`);
    }
    const { records } = await readRecords(source(), { format });
    const read = await listOf(records);
    expect(read.map(({ error }) => error?.code)).toEqual([undefined, 'line_too_long', undefined]);
    const line = before.split('\n').length;
    expect(read[1]).toMatchObject({ line, nextLine: line + 1, body: null });
    expect(read[1]?.end).toBe(before.length + mib * piece.length + 1);
    expect(read[2]).toMatchObject({
      line: line + 1,
      end: before.length + mib * piece.length + 1 + after.length,
    });
  },
);

test('a file over 1 GiB is refused as too large, also when it is read in parts', async () => {
  for (const format of ['jsonl', 'csv'] as const) {
    const start = format === 'csv' ? 'prompt,note\nx,y\n' : '{"prompt":"x"}\n';
    const { head } = await readAll(start, { format });
    const from = { byte: 1024 * 1024 * 1024 - 4, line: 9, records: 9 };
    const more = (text: string) => readAll(text, { format, resume: { from, head } });
    expect((await more('a,b\n')).records).toMatchObject([{ line: 9, end: 1024 * 1024 * 1024 }]);
    await expect(more('a,b\n\n')).rejects.toEqual(refused('too_large', /split it/));
  }
});

test('an error fits into the item of its file, however long the names in the file are', async () => {
  const names = Array.from({ length: 500 }, (_, at) => `${'😀'.repeat(500 - at)}x`);
  const many = JSON.stringify({ defaults: Object.fromEntries(names.map((name) => [name, 1])) });
  const readings = [
    readAll(`${many}\n{"prompt":"x"}`, { format: 'jsonl' }),
    readAll(`${'a'.repeat(60_000)},${'a'.repeat(60_000)}`.slice(0, 65_000), { format: 'csv' }),
    readAll(`prompt,${'a'.repeat(30_000)},${'a'.repeat(30_000)}\n`, { format: 'csv' }),
  ];
  for (const result of await Promise.allSettled(readings)) {
    expect(result.status).toBe('rejected');
    const reason = result.status === 'rejected' ? result.reason : undefined;
    expect(reason).toMatchObject({ name: 'InvalidInputError' });
    expect(reason.message.isWellFormed()).toBe(true);
    expect(reason.message.length).toBeLessThan(10_000);
  }
  await expect(readings[0]).rejects.toEqual(refused('bad_defaults', /; and 480 more$/));
});

test('a source is closed when its reader stops or its head is refused', async () => {
  const closed: string[] = [];
  async function* source(name: string, text: string) {
    try {
      for (;;) yield Buffer.from(text);
    } finally {
      closed.push(name);
    }
  }
  for (const format of ['jsonl', 'csv'] as const) {
    const { records } = await readRecords(source(format, '"prompt"\n'), { format });
    await listOf(records, 1);
  }
  await expect(readRecords(source('header', 'a,a\n'), { format: 'csv' })).rejects.toEqual(
    refused('bad_header'),
  );
  expect(closed).toEqual(['jsonl', 'csv', 'header']);
});

test('arbitrary bytes yield records or a refusal, never anything else', async () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('{', '}', '"', ',', ';', '\n', '\r', '-', ':', 'a', 'ü', '\uFEFF') }),
    fc.json(),
    fc.array(fc.json()).map((lines) => lines.join('\n')),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.uint8Array(), text.map(Buffer.from)),
      fc.constantFrom(...FORMATS),
      async (bytes, format) => {
        try {
          const { head, records } = await readAll(bytes, { format });
          expect(records.length).toBeGreaterThan(0);
          for (const record of records) {
            const { body, error } = toRequest(record, head);
            expect(body === null).toBe(error !== undefined);
          }
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidInputError' });
        }
      },
    ),
    { numRuns: 300 },
  );
});

async function* chunks(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}
