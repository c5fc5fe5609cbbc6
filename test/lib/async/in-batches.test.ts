import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchesUpTo } from '../../../lib/async/in-batches.ts';

test('batches keep order and limits, lose nothing, and are each filled before the next begins', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { maxLength: 60 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 50 }),
      (sizes, maxItems, maxBytes) => {
        const items = sizes.map((bytes, at) => ({ at, bytes }));
        const batches = batchesUpTo(items, { maxItems, maxBytes, bytesOf: ({ bytes }) => bytes });
        const bytesIn = (batch: typeof items) => batch.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(batches.flat()).toEqual(items);
        for (const [at, batch] of batches.entries()) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(maxItems);
          if (batch.length > 1) expect(bytesIn(batch)).toBeLessThanOrEqual(maxBytes);
          const [next] = batches[at + 1] ?? [];
          if (next) expect(batch.length === maxItems || bytesIn(batch) + next.bytes > maxBytes).toBe(true);
        }
      },
    ),
  );
});

test('an item over maxBytes gets a batch of its own', () => {
  const limits = { maxItems: 10, maxBytes: 5, bytesOf: (text: string) => text.length };
  expect(batchesUpTo(['ab', 'abcdefgh', 'c', 'd'], limits)).toEqual([['ab'], ['abcdefgh'], ['c', 'd']]);
});
