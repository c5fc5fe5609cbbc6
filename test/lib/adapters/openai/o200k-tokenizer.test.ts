import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeO200kLoader } from '../../../../lib/adapters/openai/o200k-tokenizer.ts';

const load = makeO200kLoader();

describe('the o200k tokenizer', () => {
  test('is loaded once', async () => {
    expect(await load()).toBe(await load());
  });

  test('returns the byte sizes of known tokens', async () => {
    const tokenize = await load();
    // Vector, databases, store, and three tokens of the amulet (the first has its space and its first bytes)
    expect(tokenize?.('Vector databases store 🧿')).toEqual([6, 10, 6, 3, 1, 1]);
  });

  test('reads the name of a special token as plain text', async () => {
    expect((await load())?.('<|endoftext|>').length).toBeGreaterThan(1);
  });

  test('covers any text to its last byte', async () => {
    const tokenize = await load();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const sizes = tokenize?.(text) ?? [];
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(Buffer.byteLength(text));
      }),
      { numRuns: 100 },
    );
  });

  test.each(['a', '-', ' ', '数'])(
    'returns no sizes for a long run of %j, which would take too long',
    async (sign) => {
      expect((await load())?.(sign.repeat(1_000))).toEqual([]);
    },
  );

  test('is absent when its package is not installed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'everytoken-tokenizer-'));
    try {
      const file = join(folder, 'o200k-tokenizer.ts');
      copyFileSync(join(import.meta.dirname, '../../../../lib/adapters/openai/o200k-tokenizer.ts'), file);
      const script = `import { makeO200kLoader } from ${JSON.stringify(pathToFileURL(file))}; console.log(typeof (await makeO200kLoader()()));`;
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
      expect(said.toString().trim()).toBe('undefined');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
