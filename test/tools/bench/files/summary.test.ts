import { describe, expect, test } from 'vitest';
import type { GenerationResult, Share } from '../../../../tools/bench/files/generation-part.ts';
import type { IntakeResult } from '../../../../tools/bench/files/intake-part.ts';
import { generationVerdict, intakeVerdict, shareTable } from '../../../../tools/bench/files/summary.ts';

const intake = (changes: Partial<IntakeResult> = {}): IntakeResult => ({
  bytes: 111_000_000,
  status: 'completed',
  lives: [
    { ended: 'while reading', peakBytes: 180_000_000 },
    { ended: 'while assembling', peakBytes: 219_000_000 },
    { ended: 'at the end', peakBytes: 200_000_000 },
  ],
  checked: { lines: 100_000, bytes: 254_000_000, wrong: undefined },
  ...changes,
});

describe('the verdict on intake and assembly', () => {
  test('is that they held when every line is in its place and memory stayed below the limit', () => {
    const { held, sentences } = intakeVerdict(intake(), 100_000);
    expect(held).toBe(true);
    expect(sentences).toEqual([
      'held: 100000 lines, 111.0 MB: killed with -9 twice, started again, completed with 100000 result lines (254.0 MB), each matching its input line, in order.',
      'held: peak RSS of the intake function’s processes 180 MB (ended while reading), 219 MB (ended while assembling), 200 MB (ended at the end); the limit is 256 MB.',
    ]);
  });

  test.each([
    ['a line is missing', { checked: { lines: 99_999, bytes: 1, wrong: undefined } }],
    ['a line is wrong', { checked: { lines: 100_000, bytes: 1, wrong: 'line 7: line is 8, not 7' } }],
    ['a line failed', { status: 'completed_with_errors' as const }],
    ['memory was too much', { lives: [{ ended: 'at the end', peakBytes: 257_000_000 }] }],
  ])('is that they did not hold when %s', (_, changes) => {
    const { held, sentences } = intakeVerdict(intake(changes), 100_000);
    expect(held).toBe(false);
    expect(sentences.some((sentence) => sentence.startsWith('NOT held'))).toBe(true);
  });

  test('leaves out memory that could not be measured', () => {
    const { held, sentences } = intakeVerdict(
      intake({ lives: [{ ended: 'at the end', peakBytes: 0 }] }),
      100_000,
    );
    expect(held).toBe(true);
    expect(sentences[1]).toMatch(/^not measured/);
  });
});

const share = (role: string, cpuMs: number, threadMs: number, waitedMs: number): Share => ({
  ...{ role, cpuMs, threadMs, waitedMs, peakBytes: 150_000_000 },
});
const generation = (shares: Share[], busyMs: number, idleMs: number): GenerationResult => ({
  ...{ lines: 1_000, ms: 20_000, shares, machine: { busyMs, idleMs } },
  parts: new Map([['DynamoDB', 0.5]]),
  checked: { lines: 1_000, bytes: 3_000_000, wrong: undefined },
});

describe('the bottleneck of runs per second', () => {
  const workers = [
    share('function generate/queue', 5_000, 5_000, 1_000),
    share('function generate/queue', 7_000, 5_000, 1_000),
  ];
  const verdictOn = (result: GenerationResult) => generationVerdict(result, 2).sentences.join(' ');

  test('is the one thread that was always running or ready to run', () => {
    const full = verdictOn(generation([...workers, share('stack', 16_000, 15_000, 4_000)], 30_000, 10_000));
    expect(full).toContain('50.0 runs a second');
    expect(full).toContain('Of 2 cores 1.40 were this benchmark’s, 0.10 other processes’');
    expect(full).toContain('Bottleneck: the one thread of stack.');
    expect(full).toContain(
      '28.0 ms of CPU in all, so 2 cores with nothing else to do give at most 71 a second',
    );
  });

  test('is the machine when no core was idle', () => {
    expect(verdictOn(generation(workers, 39_000, 1_000))).toContain('the CPU of the machine (98% busy)');
  });

  test('is waiting when neither a thread nor the machine was saturated', () => {
    expect(verdictOn(generation(workers, 20_000, 20_000))).toContain('the bottleneck is waiting');
  });

  test('is shown by a table with a row for each kind of process, the largest first', () => {
    const rows = shareTable(generation([share('stack', 10_000, 9_000, 1_000), ...workers], 30_000, 10_000));
    const cells = rows.map((row) => row.trim().split(/\s{2,}/));
    expect(cells).toEqual([
      ['CPU ms', 'cores', 'thread on', 'ready,', 'peak'],
      ['process', 'a run', 'used', 'CPU', 'waiting', 'MB'],
      ['2 x function generate/queue', '12.0', '0.60', '25%', '5%', '150'],
      ['stack', '10.0', '0.50', '45%', '5%', '150'],
      ['DynamoDB', '5.0'],
      ['all', '22.0', '1.10'],
    ]);
  });
});
