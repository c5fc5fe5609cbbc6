import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseOptions } from '../../../../tools/bench/truth/options.ts';
import { chosenConditions } from '../../../../tools/bench/truth/path/conditions.ts';
import { UsageError } from '../../../../tools/command.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

test('without flags every scenario runs with 1, 8 and 32 streams, three rounds at 100 tokens a second', () => {
  expect(parseOptions([])).toEqual({
    parts: ['clients', 'path'],
    scenarios: ['steady', 'bursts', 'chunks', 'split', 'reasoning', 'slow-first', 'slow-tail', 'noise'],
    streams: [1, 8, 32],
    rounds: 3,
    rate: 100,
    tokens: 24,
    seed: 1,
    conditions: chosenConditions([], [null, 1_024, 768, 512]),
    samples: 4,
    coldSamples: 4,
    root: resolve(import.meta.dirname, '../../../..'),
    json: undefined,
  });
});

test('flags choose scenarios, streams, rounds, rate, tokens, seed and the file; repeated ones count once', () => {
  const flags =
    '--scenario split,steady,split --streams 8,8 --rounds 1 --rate 50 --tokens 2 --seed 0 --json a.json';
  expect(parseOptions(flags.split(' '))).toMatchObject({
    scenarios: ['split', 'steady'],
    streams: [8],
    rounds: 1,
    rate: 50,
    tokens: 2,
    seed: 0,
    json: 'a.json',
  });
});

test('flags choose the part, its conditions, shares of CPU, samples, cold starts and the functions', () => {
  const older = temporaryFolder();
  mkdirSync(join(older, 'node_modules', 'serverless'), { recursive: true });
  writeFileSync(join(older, 'serverless.yml'), '');
  const flags = '--part path --conditions cold,runs --quotas none,512,none --samples 9 --cold-starts 20';
  expect(parseOptions([...flags.split(' '), '--functions', older])).toMatchObject({
    parts: ['path'],
    conditions: chosenConditions(['cold', 'runs'], [null, 512]),
    samples: 9,
    coldSamples: 7,
    root: older,
  });
});

test.each([
  '--streams 0',
  '--streams 33',
  '--streams 1,',
  '--streams 1.5',
  '--rounds -1',
  '--rate 1e2',
  '--tokens 1',
  '--seed x',
  '--part whole',
  '--samples 0',
  '--cold-starts 0',
  '--quotas some',
  '--quotas 64',
  '--conditions lukewarm',
  '--conditions cold,background',
  '--scenario calm',
  '--scenario toString',
  '--functions /nowhere',
  '--speed 1',
  'more',
])('%s is refused as a usage error', (flags) => {
  expect(() => parseOptions(flags.split(' '))).toThrow(UsageError);
});
