import { expect, test } from 'vitest';
import type { PathSample } from '../../../../../tools/bench/truth/path/measure-path.ts';
import { transitOf } from '../../../../../tools/bench/truth/path/path-results.ts';
import { pathVerdict } from '../../../../../tools/bench/truth/path/path-verdict.ts';
import { conditionOf, sampleOf } from './samples.ts';

const verdictOf = (samples: PathSample[]): string[] => pathVerdict(samples, transitOf(samples));

const times = (count: number, of: (at: number) => PathSample): PathSample[] =>
  Array.from({ length: count }, (_, at) => of(at));

test('warm and cold TTFT and the time per token are judged with each share of CPU, the largest first', () => {
  const lines = verdictOf([
    ...times(10, () => sampleOf(conditionOf({ memoryMb: 512 }), { ttft: 1.5, tpot: 0.2 })),
    ...times(100, (at) => sampleOf(conditionOf(), { ttft: at === 0 ? 5.5 : 0.5, tpot: 0.01 })),
    ...times(10, () => sampleOf(conditionOf({ start: 'cold' }), { ttft: 2, tpot: 0.06 })),
    ...times(9, () => sampleOf(conditionOf({ start: 'cold', memoryMb: 512 }), { ttft: 2, tpot: 0.2 })),
    ...times(5, () => sampleOf(conditionOf({ load: 'busy' }), { ttft: 900 })),
  ]);
  expect(lines.slice(1)).toEqual([
    '  held: TTFT, warm, no limit of CPU: 0.50 ms at the median, 0.55 ms at p99 (n = 100).',
    '  held: TTFT, cold, no limit of CPU: 2.00 ms at the median, 2.00 ms at worst (n = 10).',
    '  held: time per token, no limit of CPU: 0.010 ms at the median, 0.060 ms at p99; 100 of 110 within 0.05 ms.',
    '  NOT held: TTFT, warm, CPU of 512 MB: 1.50 ms at the median, 1.50 ms at worst (n = 10).',
    '  too few cold starts: TTFT, cold, CPU of 512 MB: 2.00 ms at the median, 2.00 ms at worst (n = 9).',
    '  NOT held: time per token, CPU of 512 MB: 0.200 ms at the median, 0.200 ms at worst; 0 of 19 within 0.05 ms.',
    'The functions gave no bound of their errors (uncertainty_ms).',
  ]);
});

test('the bounds are judged over all conditions, busy CPUs included', () => {
  const bounded = (load: 'idle' | 'busy', first: number) =>
    sampleOf(conditionOf({ load }), { first }, { uncertaintyMs: 1 });
  const lines = verdictOf([
    ...times(98, () => bounded('idle', 0.5)),
    ...times(2, () => bounded('busy', 1.5)),
    sampleOf(conditionOf()),
  ]);
  expect(lines.at(-1)).toMatch(/^ {2}NOT held: in 98 of 100 generations .*; 1 had no bound, and 0 /);
});
