import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeObjectWriter, type WriterState } from '../../../../lib/files/results/objects.ts';
import { makeMemoryContent } from '../../../memory/content-store.ts';

const target = { key: 'results/a.jsonl', contentType: 'application/x-ndjson', partBytes: 20 };

test('an object is written with the same bytes wherever it was interrupted', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 12 }), fc.nat(12), async (texts, cut) => {
      const content = makeMemoryContent();
      const first = makeObjectWriter(target, content);
      for (const each of texts.slice(0, cut)) await first.write(each);
      const state: WriterState = JSON.parse(JSON.stringify(first.state()));
      // Writes after the checkpoint are repeated by the second writer.
      for (const each of texts.slice(cut, cut + 2)) await first.write(each);
      const second = makeObjectWriter(target, content, state);
      for (const each of texts.slice(cut)) await second.write(each);
      await second.end();
      expect(await content.get(target.key)).toBe(texts.join(''));
    }),
    { numRuns: 100 },
  );
});

test('a short object is put as a whole, and nothing before its end', async () => {
  const content = makeMemoryContent();
  const writer = makeObjectWriter(target, content);
  await writer.write('short');
  expect(content.objects.size).toBe(0);
  await writer.end();
  expect(await content.get(target.key)).toBe('short');
  expect(writer.parts()).toBe(0);
});
