import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesText, MAX_BYTES, recognise } from '../../../dashboard/files/formats.ts';
import { formatOfKey, MAX_FILE_BYTES } from '../../../lib/files/formats/format-of-key.ts';
import { fileNameSchema } from '../../../lib/files/upload.ts';

describe('a file that is chosen', () => {
  test('is recognised as the API recognises it, by any name', () => {
    expect(MAX_BYTES).toEqual(MAX_FILE_BYTES);
    const stem = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 12 }));
    const end = fc.constantFrom(
      '.csv',
      '.CSV',
      '.jsonl',
      '.json',
      '.md',
      '.txt',
      '.defaults.json',
      '.doc',
      '',
    );
    fc.assert(
      fc.property(stem, end, (own, extension) => {
        const name = own + extension;
        const found = recognise({ name, size: 100 });
        const format = formatOfKey(name);
        if (fileNameSchema.safeParse(name).success) expect(found).toMatchObject({ format });
        else expect('refused' in found || 'defaultsOf' in found).toBe(true);
      }),
    );
  });

  test('is refused with what to do', () => {
    expect(recognise({ name: 'prices.xlsx', size: 10 })).toEqual({
      refused: expect.stringMatching(/CSV UTF-8/),
    });
    expect(recognise({ name: 'notes.docx', size: 10 })).toEqual({ refused: expect.stringMatching(/\.csv/) });
    expect(recognise({ name: 'topics.csv', size: 0 })).toEqual({ refused: expect.stringMatching(/empty/) });
    expect(recognise({ name: 'queues.md', size: 2 ** 20 + 1 })).toEqual({
      refused: 'It has 1.0 MiB; a .txt or a .md may have 1 MiB. Split it, or use .jsonl or .csv.',
    });
    expect(recognise({ name: 'topics\u202evsc.csv', size: 10 })).toEqual({
      refused: expect.stringMatching(/rename/),
    });
  });

  test('belongs to the file beside it where it holds defaults', () => {
    expect(recognise({ name: 'topics.csv.defaults.json', size: 20 })).toEqual({ defaultsOf: 'topics.csv' });
  });

  test('has its size in the unit that fits', () => {
    expect([0, 1023, 1024, 1536, 2 ** 20, 2 ** 30].map(bytesText)).toEqual([
      '0 B',
      '1023 B',
      '1 KiB',
      '1.5 KiB',
      '1 MiB',
      '1 GiB',
    ]);
  });
});
