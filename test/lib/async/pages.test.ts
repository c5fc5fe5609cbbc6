import { expect, test } from 'vitest';
import { pagesOf } from '../../../lib/async/pages.ts';

const pages = [['a', 'b'], [], ['c']];
const listing = () => {
  const read: (string | undefined)[] = [];
  const list = async ({ cursor }: { cursor?: string }) => {
    read.push(cursor);
    const at = Number(cursor ?? 0);
    return { names: pages[at] ?? [], nextCursor: at + 1 < pages.length ? String(at + 1) : null };
  };
  return { read, list };
};

test('yields the entries of all pages in order, of empty ones too', async () => {
  const { read, list } = listing();
  const names: string[] = [];
  for await (const name of pagesOf(list, 'names')) names.push(name);
  expect(names).toEqual(['a', 'b', 'c']);
  expect(read).toEqual([undefined, '1', '2']);
});

test('reads no page that nobody needs', async () => {
  const { read, list } = listing();
  for await (const name of pagesOf(list, 'names')) if (name === 'b') break;
  expect(read).toEqual([undefined]);
});
