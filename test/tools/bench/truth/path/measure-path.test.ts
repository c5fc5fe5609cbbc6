import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chosenConditions } from '../../../../../tools/bench/truth/path/conditions.ts';
import { measurePath, type PathSample } from '../../../../../tools/bench/truth/path/measure-path.ts';

const TOKENS = 6;
const conditions = chosenConditions([], [null]).filter(
  ({ door, load }) => door !== 'chat' && load === 'idle',
);

let dataDir: string;
let samples: PathSample[];
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'everytoken-path-'));
  samples = await measurePath(
    {
      root: resolve(import.meta.dirname, '../../../../..'),
      ...{ dataDir, conditions, quotas: undefined },
      ...{ rounds: 1, samples: 1, coldSamples: 2, warmUps: 1, rate: 100, tokens: TOKENS, seed: 3 },
      log: () => {},
    },
    () => {},
  );
}, 300_000); // a change of the functions has them packaged first
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const withSide = (word: string): PathSample[] =>
  samples.filter(({ condition }) => Object.values(condition).some((side) => side === word));

test('each stream of every condition comes with its text and with errors', () => {
  for (const { errors } of samples) {
    expect(errors).toMatchObject({ textDiffers: false, gaps: { length: TOKENS - 1 } });
    // A busy machine reads a short stream at once, which has no time per token then.
    expect([errors.ttft, errors.first, errors.ttlt, errors.e2e]).not.toContain(null);
  }
  expect(withSide('two-requests')).toHaveLength(2);
  expect(withSide('two-outputs')).toHaveLength(2);
  expect(withSide('background')).toHaveLength(1);
  expect(samples.filter(({ condition }) => 'bare' in condition).length).toBeGreaterThan(9);
});

test('no figure is earlier than its write: all of them come from one clock', () => {
  for (const { errors } of samples) {
    for (const error of [errors.ttft, errors.ttlt, errors.e2e]) expect(error).toBeGreaterThan(-0.2);
  }
});

test('each cold start has a new environment, and a warm condition never has', () => {
  expect(withSide('cold')).toHaveLength(2);
  expect(withSide('cold').map(({ coldStart }) => coldStart)).toEqual([true, true]);
  expect(withSide('warm').some(({ coldStart }) => coldStart)).toBe(false);
});
