import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadSource } from '../../lib/prompts/intake-file.ts';
import type { ContentStore } from '../../lib/runs/ports.ts';
import { etagOf } from '../memory/content-store.ts';

/** What everytoken counts on from the store of content and the source of prompt files, wherever they are. */
export const contentStoreContract = (
  name: string,
  open: () => Promise<{ content: ContentStore; readSource: ReadSource; close(): Promise<void> }>,
): void => {
  describe(`${name} as a content store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let content: ContentStore;
    beforeAll(async () => {
      opened = await open();
      content = opened.content;
    });
    afterAll(async () => opened?.close());

    test('gives back what was put, and what was put last', async () => {
      await content.put('texts/a.json', '{"text":"ü 漢字 🚀\\u0000"}', 'application/json');
      expect(await content.get('texts/a.json')).toBe('{"text":"ü 漢字 🚀\\u0000"}');
      await content.put('texts/a.json', '', 'application/json');
      expect(await content.get('texts/a.json')).toBe('');
    });

    test('cuts ranges by bytes, the end not included', async () => {
      await content.put('texts/lines.jsonl', 'äö\nzweite\ndritte\n', 'application/x-ndjson');
      expect(await content.get('texts/lines.jsonl', { start: 0, end: 5 })).toBe('äö\n');
      expect(await content.get('texts/lines.jsonl', { start: 5, end: 11 })).toBe('zweite');
      expect(await content.get('texts/lines.jsonl', { start: 12, end: 999 })).toBe('dritte\n');
    });

    test('says of a missing object that it may come', async () => {
      const missing = { name: 'NotFoundError', code: 'missing_object', retryable: true };
      await expect(content.get('texts/nothing')).rejects.toMatchObject(missing);
      await expect(content.get('texts/nothing', { start: 0, end: 1 })).rejects.toMatchObject(missing);
    });

    test('lists the keys under a prefix, all of them, whatever is in them', async () => {
      const keys = ['odd/a b+c%.json', 'odd/ü/é.json', 'odd/Z', 'odd/a', 'odd/10', 'odd/9'];
      for (const key of keys) await content.put(key, key, 'text/plain');
      await content.put('oddly/other', '', 'text/plain');
      expect((await content.list('odd/')).toSorted()).toEqual(keys.toSorted());
      for (const key of keys) expect(await content.get(key)).toBe(key);
      expect(await content.list('none/')).toEqual([]);
    });

    test('deletes what is there and does not mind what is not', async () => {
      await content.put('gone/1', '1', 'text/plain');
      await content.put('gone/2', '2', 'text/plain');
      await content.delete(['gone/1', 'gone/nobody']);
      await content.delete(['gone/1']);
      await content.delete([]);
      expect(await content.list('gone/')).toEqual(['gone/2']);
    });

    test('reads a source of exactly the version named, and calls every other one gone', async () => {
      await content.put('prompts/q +%ü.txt', 'first', 'text/plain');
      const etag = etagOf(Buffer.from('first'));
      expect(Buffer.from(await opened.readSource('prompts/q +%ü.txt', etag)).toString()).toBe('first');
      await content.put('prompts/q +%ü.txt', 'second', 'text/plain');
      const gone = { name: 'NotFoundError', code: 'source_gone', retryable: false };
      await expect(opened.readSource('prompts/q +%ü.txt', etag)).rejects.toMatchObject(gone);
      await expect(opened.readSource('prompts/nothing.txt', etag)).rejects.toMatchObject(gone);
    });
  });
};
