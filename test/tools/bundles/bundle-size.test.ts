import type { Metafile } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { type BundleSize, growthOf, sizeOf } from '../../../tools/bundles/bundle-size.ts';

type Output = Metafile['outputs'][string];
const output = (bytes: number, inputs: Record<string, number>, imports: Output['imports'] = []): Output => ({
  ...{ bytes, imports, exports: [] },
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }]),
  ),
});

const metafile: Metafile = {
  inputs: {},
  outputs: {
    'functions/a.mjs': {
      ...output(100, { 'functions/a.ts': 40, 'lib/http/app.ts': 50 }, [
        { path: 'functions/a.1.mjs', kind: 'import-statement' },
        { path: 'functions/a.2.mjs', kind: 'dynamic-import' },
        { path: 'node:fs', kind: 'import-statement', external: true },
      ]),
      entryPoint: 'functions/a.ts',
    },
    'functions/a.1.mjs': output(30, { 'node_modules/@aws-sdk/core/index.js': 20, 'lib/http/b.ts': 5 }, [
      { path: 'functions/a.3.mjs', kind: 'import-statement' },
    ]),
    'functions/a.2.mjs': output(1000, { 'node_modules/yaml/index.js': 990 }),
    'functions/a.3.mjs': output(7, { 'node_modules/zod/core.js': 6 }),
  },
};

test('the start of a bundle is its own file and what that imports at once, directly or not', () => {
  expect(sizeOf(metafile, 'functions/a.ts')).toEqual({
    start: 137,
    all: 1137,
    largest: [
      ['lib/http', 55],
      ['functions/a.ts', 40],
      ['@aws-sdk/core', 20],
      ['zod', 6],
    ],
  });
  expect(() => sizeOf(metafile, 'functions/b.ts')).toThrow('functions/b.ts');
});

describe('growth', () => {
  const size = (start: number, all: number): BundleSize => ({ start, all, largest: [['zod', 80]] });
  const growth = (start: number, all: number) =>
    growthOf(new Map([['api', size(start, all)]]), { api: { start: 100, all: 1000 } });

  test('of up to 5 % is allowed, and so is shrinking', () => {
    expect(growth(105, 1050)).toEqual([]);
    expect(growth(20, 30)).toEqual([]);
  });

  test('beyond that is named with its function, its size and the largest parts', () => {
    expect(growth(106, 1000)).toEqual([
      expect.stringMatching(
        /^api starts with 106 bytes, 6\.0 % over the 100 recorded; .* zod 80; .*--write$/,
      ),
    ]);
    expect(growth(100, 1200)).toEqual([expect.stringMatching(/^the bundle of api has 1200 bytes, 20\.0 %/)]);
  });

  test('of a function without a record is not overlooked', () => {
    expect(growthOf(new Map([['new', size(1, 1)]]), {})).toEqual([expect.stringMatching(/^new has no/)]);
  });
});
