import { describe, expect, test } from 'vitest';
import {
  findProblems,
  isMet,
  type Locked,
  packagesOf,
  type Uses,
} from '../../../tools/dependencies/check-licences.ts';

const nothing: Uses = { bundles: new Map(), imports: new Map() };
const problemsOf = (packages: Record<string, Locked>, uses: Partial<Uses> = {}) =>
  findProblems({ packages: { '': {}, ...packages } }, { ...nothing, ...uses });

const simulator = 'node_modules/@cloud-copilot/iam-simulate';
const agpl: Locked = { license: 'AGPL-3.0-or-later', dev: true };

describe('a package', () => {
  test('that is permissive passes, in development with some more licences', () => {
    expect(
      problemsOf({
        'node_modules/a': { license: 'MIT' },
        'node_modules/b': { license: '(GPL-3.0-only OR Apache-2.0)' },
        'node_modules/c/node_modules/@d/e': { license: 'MPL-2.0', dev: true },
      }),
    ).toEqual([]);
  });

  test.each([
    ['AGPL-3.0-or-later'],
    ['GPL-3.0-only'],
    ['LGPL-2.1'],
    ['MPL-2.0'],
    ['MIT AND GPL-2.0'],
    ['SEE LICENSE IN LICENSE.md'],
    ['UNLICENSED'],
  ])('that we would ship under %s is a problem', (license) => {
    expect(problemsOf({ 'node_modules/a': { license } })).toEqual([
      `node_modules/a: ${license} is not allowed for a dependency`,
    ]);
  });

  test('of development with strong copyleft is a problem, as is one without a licence', () => {
    expect(
      problemsOf({
        'node_modules/a': { license: 'GPL-3.0-only', dev: true },
        'node_modules/b': { dev: true },
      }),
    ).toEqual([
      'node_modules/a: GPL-3.0-only is not allowed for a tool of development',
      'node_modules/b: no licence in package-lock.json; look it up, then decide',
    ]);
  });
});

describe('the simulator', () => {
  test('passes as a package of tests', () => {
    const imports = new Map([['lib/errors.ts', ['zod']]]);
    expect(problemsOf({ [simulator]: agpl }, { imports })).toEqual([]);
  });

  test('is a problem as a dependency, where anything but a test imports it, and in a bundle', () => {
    expect(problemsOf({ [simulator]: { license: 'AGPL-3.0-or-later' } })).toHaveLength(1);
    const imports = new Map([['lib/errors.ts', ['@cloud-copilot/iam-simulate']]]);
    const bundles = new Map([['api', ['functions/api.ts', `${simulator}/dist/esm/index.js`]]]);
    expect(problemsOf({ [simulator]: agpl }, { imports, bundles })).toEqual([
      'lib/errors.ts: imports @cloud-copilot/iam-simulate, which is for tests alone',
      `api: contains ${simulator}, which is not a dependency`,
    ]);
  });

  test('is a problem under another licence than the one that was judged', () => {
    expect(problemsOf({ [simulator]: { license: 'SSPL-1.0', dev: true } })).toHaveLength(1);
  });
});

test('files of a bundle belong to the innermost package, and an unknown package is an error', () => {
  const inner = 'node_modules/@a/b/node_modules/c';
  const files = ['lib/errors.ts', `${inner}/x/index.js`, 'node_modules/@a/b/y.js', 'node_modules/@a/b/z.js'];
  expect(packagesOf(files, { 'node_modules/@a/b': {}, [inner]: {} })).toEqual(['node_modules/@a/b', inner]);
  expect(() => packagesOf(files, {})).toThrow('is not in package-lock.json');
});

describe('an expression of licences', () => {
  const allowed = new Set(['MIT', 'ISC']);
  test.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['MIT OR GPL-3.0-only', true],
    ['GPL-3.0-only OR (MIT AND ISC)', true],
    ['MIT AND (GPL-3.0-only OR X)', false],
    ['GPL-3.0-only AND MIT OR ISC', true],
    ['GPL-3.0-only AND (MIT OR ISC)', false],
    ['MIT WITH Some-exception', false],
    ['(MIT', false],
    ['MIT ISC', false],
    ['MIT OR', false],
    ['', false],
  ])('%j is met by two allowed ones: %s', (expression, met) => {
    expect(isMet(expression, allowed)).toBe(met);
  });
});
