import { describe, expect, test } from 'vitest';
import type { PartitionWrite } from '../../../../tools/scale/measure/table-units.ts';
import {
  averageOf,
  byRun,
  makeWriteRecorder,
  type NotedWrite,
  shardsIn,
  templateOf,
} from '../../../../tools/scale/measure/write-recorder.ts';

const CALLERS = ['local', 'acme'];
const runId = (letter: string) => `run_${letter.repeat(26)}`;
const write = (S: string, units = 1): PartitionWrite => ({ space: 'table', key: { S }, units });
const due = (N: string): PartitionWrite => ({ space: 'due', key: { N }, units: 1 });
const at = (atMs: number, ...writes: PartitionWrite[]): NotedWrite => ({ atMs, writes });

test('a partition key becomes a template of the parts that vary', () => {
  const of = (S: string) => templateOf({ S }, CALLERS);
  expect(of(`RUN#${runId('a')}`)).toBe('RUN#{run}');
  expect(of('LOAD#acme')).toBe('LOAD#{caller}');
  expect(of('LIST#local#3')).toBe('LIST#{caller}#{shard}');
  expect(of('FILE#file_0123abc')).toBe('FILE#{file}');
  expect(of('KEY#prompts/@local/scale.jsonl')).toBe('KEY#{object}');
  expect(of('DAY#2026-11-29')).toBe('DAY#{time}');
  expect(of('TABLE')).toBe('TABLE');
  expect(templateOf({ N: '7' }, CALLERS)).toBe('{shard}');
});

test('the highest shard seen tells how many there are', () => {
  const noted = [at(0, due('2'), write('LIST#acme#0')), at(1, due('7'), write('RUN#x'))];
  expect(shardsIn(noted, CALLERS)).toEqual({ 'due {shard}': 8, 'table LIST#{caller}#{shard}': 1 });
});

test('writes are noted with the time of their answer, and taken once', () => {
  let now = 5;
  const { note, take } = makeWriteRecorder(() => now);
  note([write('a')]);
  now = 9;
  note([write('b')]);
  expect(take()).toEqual([at(5, write('a')), at(9, write('b'))]);
  expect(take()).toEqual([]);
});

test('a write of a file belongs to the run whose own write is nearest in time', () => {
  const [a, b] = [write(`RUN#${runId('a')}`), write(`RUN#${runId('b')}`)];
  const [file, load] = [write('FILE#file_1'), write('LOAD#acme')];
  const groups = byRun([at(0, file), at(4, a), at(10, b), at(11, load), at(30, a)]);
  expect(groups).toEqual([
    [at(0, file), at(4, a), at(30, a)],
    [at(10, b), at(11, load)],
  ]);
});

describe('the average of several runs', () => {
  const takes = [{ space: 'table', partition: 'RUN#{run}', units: 1 }];

  test('has each write once, at the median of its times since the first', () => {
    const runOf = (letter: string, ...times: number[]) =>
      times.map((time) => at(time, write(`RUN#${runId(letter)}`)));
    expect(averageOf([runOf('a', 100, 110), runOf('b', 500, 530), runOf('c', 900, 912)], CALLERS)).toEqual([
      { atMs: 0, perRun: 1, takes },
      { atMs: 12, perRun: 1, takes },
    ]);
  });

  test('counts a write in proportion to the runs that make it, and of each size by itself', () => {
    const run = (units: number, ...more: NotedWrite[]) => [at(0, write('RUN#x', units)), ...more];
    const average = averageOf([run(1), run(1), run(2), run(1, at(3, write('LOAD#acme')))], CALLERS);
    expect(average.map(({ perRun, takes: [first] }) => [first?.partition, first?.units, perRun])).toEqual([
      ['RUN#x', 1, 0.75],
      ['RUN#x', 2, 0.25],
      ['LOAD#{caller}', 1, 0.25],
    ]);
  });
});
