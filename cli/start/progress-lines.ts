import { join } from 'node:path';
import type { Comparison, FileSummary } from '../../client/index.ts';
import { PROGRAM } from '../program-name.ts';
import { bar } from '../terminal/bar.ts';
import { type Column, tableLines } from '../terminal/print-table.ts';
import { printableLine } from '../terminal/printable.ts';
import { duration } from '../terminal/time.ts';
import { counted, dollars, UNKNOWN } from '../terminal/units.ts';
import type { ComparisonInHand, Work } from './work.ts';

/** A prompt file or a comparison in hand, as one line shows it. Null is not known (yet). */
type Progress = {
  name: string;
  done: number;
  of: number | null;
  failed: number;
  perSecond: number | null;
  secondsLeft: number | null;
  costUsd: number | null;
};

const WIDE = 100;

/** A line for each file and each comparison in hand, under the titles of their figures; none without work. */
export const workLines = (work: Work, width: number): string[] => {
  const rows = progressOf(work);
  return rows.length === 0 ? [] : tableLines(columnsFor(width), rows, width);
};

/** The same for an output that cannot be redrawn: one line each, with its name to tell them apart. */
export const plainWorkLines = (work: Work): string[] =>
  progressOf(work).map((row) =>
    [
      `${printableLine(row.name)}  ${doneOf(row)}`,
      ...(row.failed > 0 ? [`${counted(row.failed)} failed`] : []),
      ...(row.perSecond === null ? [] : [`${rate(row.perSecond)} rows/s`]),
      ...(row.secondsLeft === null ? [] : [`${duration(row.secondsLeft)} left`]),
      ...costPiece(row.costUsd),
    ].join(' · '),
  );

/** A line that has no titles says nothing of a cost that is not known. */
const costPiece = (usd: number | null): string[] => (usd === null ? [] : [dollars(usd)]);

/** How far the work is, for its end: `products.csv at 12 of 40`. */
export const unfinished = (work: Work): string[] =>
  progressOf(work).map((row) => `${printableLine(row.name)} at ${doneOf(row)}`);

const columnsFor = (width: number): Column<Progress>[] => [
  { title: 'in hand', text: ({ name }) => name, fills: true },
  { title: '', text: (row) => bar(shareOf(row), width < WIDE ? 10 : 24), left: true, optional: true },
  { title: 'done', text: doneOf },
  { title: 'failed', text: ({ failed }) => counted(failed) },
  { title: 'rows/s', text: ({ perSecond }) => rate(perSecond), optional: true },
  { title: 'left', text: ({ secondsLeft }) => (secondsLeft === null ? UNKNOWN : duration(secondsLeft)) },
  { title: 'cost', text: ({ costUsd }) => dollars(costUsd) },
];

const shareOf = ({ done, of }: Progress): number => (of ? done / of : 0);
const doneOf = ({ done, of }: Progress): string =>
  of === null ? 'reading' : `${counted(done)} of ${counted(of)}`;
const rate = (perSecond: number | null): string =>
  perSecond === null ? UNKNOWN : perSecond.toFixed(perSecond < 10 ? 1 : 0);

const progressOf = ({ files, comparisons }: Work): Progress[] => [
  ...files.map(fileProgress),
  ...comparisons.map(comparisonProgress),
];

const fileProgress = (file: FileSummary): Progress => ({
  name: file.filename,
  done: (file.counts.lines ?? 0) - (file.counts.remaining ?? 0),
  of: file.counts.lines,
  failed: file.counts.failed,
  perSecond: file.rows_per_second,
  secondsLeft: file.seconds_left,
  costUsd: file.cost_usd,
});

const comparisonProgress = (comparison: ComparisonInHand): Progress => ({
  name: nameOf(comparison),
  done: comparison.progress.completed + comparison.progress.failed,
  of: comparison.progress.generations,
  failed: comparison.progress.failed,
  perSecond: comparison.perSecond,
  secondsLeft: comparison.secondsLeft,
  costUsd: costOf(comparison),
});

const nameOf = ({ name, id }: Comparison): string => `comparison ${name ?? id}`;

/** The cost of all generations; null while one of a setting is not known. */
const costOf = ({ settings }: Comparison): number | null =>
  settings.reduce<number | null>(
    (sum, { cost_usd: { total, unpriced } }) => (sum === null || unpriced > 0 ? null : sum + (total ?? 0)),
    0,
  );

/** The end of a file or a comparison: a mark, its name, and pieces that may be wrapped. */
export type EndOfWork = { mark: '✓' | '!' | '✗'; name: string; pieces: string[] };

/**
 * The end of a file: its counts, what was paid and reused, where its results are, and the command that says why lines
 * failed.
 *
 * @param place the results folder, for the files whose results are in it
 */
export const endOfFile = (file: FileSummary, place: string): EndOfWork => {
  const { counts, error, stopped, status } = file;
  const name = printableLine(file.filename);
  if (error !== null && counts.completed === 0)
    return { mark: '✗', name, pieces: [`not generated: ${printableLine(error.message)}`] };
  const failures = file.errors.map(({ code, count: n }) => `${counted(n)} ${printableLine(code)}`);
  return {
    mark: status === 'completed' ? '✓' : counts.completed > 0 ? '!' : '✗',
    name,
    pieces: [
      `${counted(counts.completed)} of ${counted(counts.lines ?? 0)} lines`,
      ...(counts.failed > 0 ? [`${counted(counts.failed)} failed (${failures.join(', ')})`] : []),
      ...(stopped ? [`stopped: ${stopped.code}`] : []),
      ...costPiece(file.paid_usd).map((cost) => `paid ${cost}`),
      ...(counts.reused > 0 ? [`${counted(counts.reused)} reused`] : []),
      `results: ${printableLine(resultOf(file, place))}`,
      ...(counts.failed > 0 ? [`why: ${PROGRAM} file watch ${file.id}`] : []),
    ],
  };
};

/** The result that people look at: a table for a table, the answer for a text, else the lines of JSON. */
const resultOf = ({ key, filename, results }: FileSummary, place: string): string => {
  const own = /^prompts\/@[^/]+\/(.+)$/.exec(key)?.[1];
  if (own === undefined) return results.jsonl;
  const extension = /\.csv$/i.test(filename) ? '.csv' : /\.(txt|md)$/i.test(filename) ? '.txt' : '.jsonl';
  return join(place, `${own}${extension}`);
};

export const endOfComparison = (comparison: Comparison): EndOfWork => {
  const { progress, verdict, error, status } = comparison;
  const name = printableLine(nameOf(comparison));
  if (error !== null) return { mark: '✗', name, pieces: [printableLine(error.message)] };
  return {
    mark: status === 'completed' ? '✓' : '!',
    name,
    pieces: [
      `${counted(progress.completed)} of ${counted(progress.generations)} generations`,
      ...(progress.failed > 0 ? [`${counted(progress.failed)} failed`] : []),
      ...costPiece(costOf(comparison)),
      ...(verdict === null ? [] : [printableLine(verdict.summary)]),
    ],
  };
};
