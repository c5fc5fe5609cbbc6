import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ReadSource, sourceChunks } from '../../../../lib/files/read/open-records.ts';

const bytes = Buffer.from(Array.from({ length: 100 }, (_, at) => at));
const file = { key: 'prompts/a.jsonl', etag: 'e', size: bytes.length };

const readAll = async (readSource: ReadSource, { start = 0, readBytes = 30 } = {}): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of sourceChunks(file, readSource, { start, readBytes })) chunks.push(chunk);
  return Buffer.concat(chunks);
};

test('a source yields every byte once, wherever it is resumed and wherever connections break', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.nat(99),
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 5 }),
      async (readBytes, start, breaks) => {
        const left = [...breaks];
        const readSource: ReadSource = async (_key, _etag, range) =>
          (async function* () {
            const breakAfter = left.shift();
            const end = breakAfter === undefined ? range.end : Math.min(range.end, range.start + breakAfter);
            for (let at = range.start; at < end; at += 7) yield bytes.subarray(at, Math.min(end, at + 7));
            if (end < range.end) throw new Error('ECONNRESET');
          })();
        const lucky = breaks.length < 3;
        const reading = readAll(readSource, { start, readBytes });
        if (lucky) expect(await reading).toEqual(bytes.subarray(start));
        else await reading.catch((error) => expect(error.message).toBe('ECONNRESET'));
      },
    ),
    { numRuns: 100 },
  );
});

test('a source that always ends too early is an error', async () => {
  let asked = 0;
  const reading = readAll(async () => {
    asked += 1;
    return new Uint8Array();
  });
  await expect(reading).rejects.toThrow('ended at byte 0, before byte');
  expect(asked).toBe(3);
});
