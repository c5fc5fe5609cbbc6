import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { endOfFile, plainWorkLines, unfinished, workLines } from '../../../cli/start/progress-lines.ts';
import { makeFile } from './files.ts';

const inHand = makeFile({
  counts: { lines: 3_000, remaining: 1_796, failed: 2 },
  ...{ rows_per_second: 12.34, seconds_left: 146, cost_usd: 0.0412 },
});
const work = (...files: ReturnType<typeof makeFile>[]) => ({ files, comparisons: [] });

describe('the lines of work in hand', () => {
  test('have a bar and every figure below its title', () => {
    expect(workLines(work(inHand), 79)).toEqual([
      'in hand                             done  failed  rows/s        left    cost',
      'products.csv  ████░░░░░░  1,204 of 3,000       2      12  2 min 26 s  $0.041',
    ]);
  });

  test('are none without work, and say of a file that is read no more than that', () => {
    expect(workLines(work(), 79)).toEqual([]);
    const [, line] = workLines(
      work(makeFile({ counts: { lines: null, remaining: null }, cost_usd: null })),
      79,
    );
    expect(line).toMatch(/^products\.csv +░{10} +reading +0 +— +— +—$/);
  });

  test.each([59, 79, 139])('fit into %i columns, and no name can add a line or move the cursor', (width) => {
    const long = { ...inHand, filename: `evil\u001b[2K\u202e\n${'名'.repeat(90)}.csv` };
    const lines = workLines(work(inHand, long), width);
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    for (const hidden of ['\u001b', '\u202e', '\n']) expect(lines.join('')).not.toContain(hidden);
  });

  test('are sentences for a pipe, without figures that are not known', () => {
    expect(plainWorkLines(work(inHand, makeFile({ cost_usd: null })))).toEqual([
      'products.csv  1,204 of 3,000 · 2 failed · 12 rows/s · 2 min 26 s left · $0.041',
      'products.csv  0 of 10',
    ]);
    expect(unfinished(work(inHand))).toEqual(['products.csv at 1,204 of 3,000']);
  });
});

describe('the end of a file', () => {
  const endOf = (given: Parameters<typeof makeFile>[0]) => {
    const { mark, name, pieces } = endOfFile(
      makeFile({ ended_at: '2026-11-30T12:09:00.000Z', ...given }),
      'data/results',
    );
    return `${mark} ${name}: ${pieces.join(' · ')}`;
  };

  test('tells what was paid and reused, and where its table is', () => {
    const counts = { completed: 10, remaining: 0, reused: 3 };
    expect(endOf({ status: 'completed', counts, paid_usd: 0.0123 })).toBe(
      '✓ products.csv: 10 of 10 lines · paid $0.012 · 3 reused · results: data/results/products.csv.csv',
    );
  });

  test('tells how many lines failed by which code, and how to read why', () => {
    const errors = [{ code: 'timeout', count: 2, lines: [1, 2] }];
    const counts = { completed: 8, failed: 2, remaining: 0 };
    expect(endOf({ status: 'completed_with_errors', counts, errors, paid_usd: null })).toBe(
      '! products.csv: 8 of 10 lines · 2 failed (2 timeout) · ' +
        'results: data/results/products.csv.csv · why: npx everytoken file watch file_1',
    );
  });

  test('tells why a file was not generated at all', () => {
    const error = { code: 'unreadable_file', message: 'there is no column\u001b[31m prompt; write one' };
    expect(endOf({ status: 'failed', error })).toBe(
      '✗ products.csv: not generated: there is no column prompt; write one',
    );
  });

  test.each([
    ['prompts/@local/file_1/a b.txt', 'a b.txt', 'data/results/file_1/a b.txt.txt'],
    ['prompts/@local/team/a.jsonl', 'a.jsonl', 'data/results/team/a.jsonl.jsonl'],
  ])('%s has its results at the place of its key', (key, filename, place) => {
    expect(endOf({ status: 'completed', key, filename })).toContain(`results: ${place}`);
  });
});
