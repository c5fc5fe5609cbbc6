import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReadSource } from '../../lib/files/read/open-records.ts';
import type { FindSource } from '../../lib/files/read/stored-source.ts';
import type { ContentStore } from '../../lib/runs/ports.ts';
import { etagOf } from '../memory/content-store.ts';

/** The contract of the content store and the source of prompt files, for every implementation. */
export const contentStoreContract = (
  name: string,
  open: () => Promise<{
    content: ContentStore;
    readSource: ReadSource;
    findSource: FindSource;
    close(): Promise<void>;
  }>,
): void => {
  describe(`${name} as a content store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let content: ContentStore;
    beforeAll(async () => {
      opened = await open();
      content = opened.content;
    });
    afterAll(async () => opened?.close());

    test('returns the object that was put last', async () => {
      await content.put('texts/a.json', '{"text":"ü 漢字 🚀\\u0000"}', 'application/json');
      expect(await content.get('texts/a.json')).toBe('{"text":"ü 漢字 🚀\\u0000"}');
      await content.put('texts/a.json', '', 'application/json');
      expect(await content.get('texts/a.json')).toBe('');
    });

    test('reads ranges in bytes, the end excluded', async () => {
      await content.put('texts/lines.jsonl', 'äö\nzweite\ndritte\n', 'application/x-ndjson');
      expect(await content.get('texts/lines.jsonl', { start: 0, end: 5 })).toBe('äö\n');
      expect(await content.get('texts/lines.jsonl', { start: 5, end: 11 })).toBe('zweite');
      expect(await content.get('texts/lines.jsonl', { start: 12, end: 999 })).toBe('dritte\n');
    });

    test('throws a retryable error for a missing object, which may still come', async () => {
      const missing = { name: 'NotFoundError', code: 'missing_object', retryable: true };
      await expect(content.get('texts/nothing')).rejects.toMatchObject(missing);
      await expect(content.get('texts/nothing', { start: 0, end: 1 })).rejects.toMatchObject(missing);
    });

    test('lists all keys under a prefix, whatever characters they contain', async () => {
      const keys = ['odd/a b+c%.json', 'odd/ü/é.json', 'odd/Z', 'odd/a', 'odd/10', 'odd/9'];
      for (const key of keys) await content.put(key, key, 'text/plain');
      await content.put('oddly/other', '', 'text/plain');
      expect((await content.list('odd/')).toSorted()).toEqual(keys.toSorted());
      for (const key of keys) expect(await content.get(key)).toBe(key);
      expect(await content.list('none/')).toEqual([]);
    });

    test('deletes existing objects and ignores missing ones', async () => {
      await content.put('gone/1', '1', 'text/plain');
      await content.put('gone/2', '2', 'text/plain');
      await content.delete(['gone/1', 'gone/nobody']);
      await content.delete(['gone/1']);
      await content.delete([]);
      expect(await content.list('gone/')).toEqual(['gone/2']);
    });

    test('deletes an object only in the version that is named', async () => {
      const key = 'versions/a b+ü.json';
      await content.put(key, 'first', 'text/plain');
      const etag = etagOf(Buffer.from('first'));
      await content.put(key, 'second', 'text/plain');
      await content.deleteVersion(key, etag);
      expect(await content.get(key)).toBe('second');
      await content.deleteVersion(key, etagOf(Buffer.from('second')));
      expect(await content.list('versions/')).toEqual([]);
      await content.deleteVersion(key, etag);
    });

    test('copies an object, whatever characters its key contains', async () => {
      await content.put('odd/from a+b ü%.json', '{"a":"ü"}', 'application/json');
      await content.copy('odd/from a+b ü%.json', 'odd/to a+b ü%.json', 'application/json');
      expect(await content.get('odd/to a+b ü%.json')).toBe('{"a":"ü"}');
    });

    test('copies nothing where there is no object, and says so', async () => {
      const missing = { name: 'NotFoundError', code: 'missing_object', retryable: true };
      await expect(content.copy('odd/none', 'odd/copy', 'text/plain')).rejects.toMatchObject(missing);
      expect(await content.list('odd/copy')).toEqual([]);
    });

    test('serves a multipart object once it is completed, also when it is completed twice', async () => {
      const key = 'parts/a+b ü.txt';
      const id = await content.createUpload(key, 'text/plain');
      const large = Buffer.alloc(5 * 1024 * 1024, 'a');
      const first = await content.putPart(key, id, 1, Buffer.from('another'));
      const again = await content.putPart(key, id, 1, large);
      expect(again).not.toBe(first);
      const last = await content.putPart(key, id, 2, Buffer.from('ü end'));
      await expect(content.get(key)).rejects.toMatchObject({ code: 'missing_object' });
      await content.completeUpload(key, id, [again, last]);
      const range = { start: large.length - 1, end: large.length + 6 };
      expect(await content.get(key, range)).toBe('aü end');
      await content.completeUpload(key, id, [again, last]);
      expect(await content.get(key, range)).toBe('aü end');
    });

    test('throws a retryable error for an upload that is not open', async () => {
      const missing = { name: 'NotFoundError', code: 'missing_upload', retryable: true };
      const id = await content.createUpload('parts/other.txt', 'text/plain');
      const etag = await content.putPart('parts/other.txt', id, 1, Buffer.from('x'));
      await content.completeUpload('parts/other.txt', id, [etag]);
      await expect(content.putPart('parts/other.txt', id, 2, Buffer.from('x'))).rejects.toMatchObject(
        missing,
      );
      await content.delete(['parts/other.txt']);
      await expect(content.completeUpload('parts/other.txt', id, [etag])).rejects.toMatchObject(missing);
    });

    test('reads exactly the named version of a source, and reports any other as gone', async () => {
      await content.put('prompts/q +%ü.txt', 'first', 'text/plain');
      const etag = etagOf(Buffer.from('first'));
      const read = async (key: string, start = 0, end = 5) => {
        const body = await opened.readSource(key, etag, { start, end });
        const chunks: Uint8Array[] = [];
        for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      };
      expect(await read('prompts/q +%ü.txt')).toBe('first');
      expect(await read('prompts/q +%ü.txt', 1, 3)).toBe('ir');
      await content.put('prompts/q +%ü.txt', 'second', 'text/plain');
      const gone = { name: 'NotFoundError', code: 'source_gone', retryable: false };
      await expect(read('prompts/q +%ü.txt')).rejects.toMatchObject(gone);
      await expect(read('prompts/nothing.txt')).rejects.toMatchObject(gone);
    });

    test('finds the present version of a source, which can be read by its ETag', async () => {
      const key = 'prompts/@docs/q +%ü.csv';
      expect(await opened.findSource(key)).toBeUndefined();
      for (const text of ['first', 'another']) {
        await content.put(key, text, 'text/csv');
        const found = await opened.findSource(key);
        expect(found).toEqual({ etag: etagOf(Buffer.from(text)), size: text.length });
        const body = await opened.readSource(key, found?.etag ?? '', { start: 0, end: 3 });
        const chunks: Uint8Array[] = [];
        for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
        expect(Buffer.concat(chunks).toString()).toBe(text.slice(0, 3));
      }
      await content.delete([key]);
      expect(await opened.findSource(key)).toBeUndefined();
    });
  });
};
