import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseOptions } from '../../../../tools/bench/truth/truth.ts';
import { UsageError } from '../../../../tools/command.ts';

test('without flags every scenario runs with 1, 8 and 32 streams, three rounds at 100 tokens a second', () => {
  expect(parseOptions([])).toEqual({
    scenarios: ['steady', 'bursts', 'chunks', 'split', 'reasoning', 'slow-first', 'slow-tail', 'noise'],
    streams: [1, 8, 32],
    rounds: 3,
    rate: 100,
    tokens: 24,
    seed: 1,
    parts: ['clients', 'path'],
    root: resolve(import.meta.dirname, '../../../..'),
    samples: 4,
    json: undefined,
  });
});

test('flags choose scenarios, streams, rounds, rate, tokens, seed and the file; repeated ones count once', () => {
  const flags =
    '--scenario split,steady,split --streams 8,8 --rounds 1 --rate 50 --tokens 2 --seed 0 --json a.json --part path --samples 9 --functions /older';
  expect(parseOptions(flags.split(' '))).toEqual({
    scenarios: ['split', 'steady'],
    streams: [8],
    rounds: 1,
    rate: 50,
    tokens: 2,
    seed: 0,
    parts: ['path'],
    root: '/older',
    samples: 9,
    json: 'a.json',
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
  '--scenario calm',
  '--scenario toString',
  '--speed 1',
  'more',
])('%s is refused as a usage error', (flags) => {
  expect(() => parseOptions(flags.split(' '))).toThrow(UsageError);
});
