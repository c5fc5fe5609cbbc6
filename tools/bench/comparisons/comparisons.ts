import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { FIGURES } from '../../../lib/comparisons/view.ts';
import { exitOnSignal, readFlags, wholeNumber } from '../../command.ts';
import { startChild } from '../child.ts';
import { type Coverage, coverages } from './coverage.ts';
import type { Size } from './draw-comparison.ts';
import { BESIDE, DIFFERENT, EQUAL, type Scenario, SIZES } from './scenarios.ts';
import { type Chunk, nothingTold, type Told } from './simulate.ts';

const USAGE =
  'usage: npm run bench -- comparisons [--comparisons 10000] [--seed everytoken] [--json results.json]';
/** Fewer comparisons show how often a true difference is found, or a false one beside it. */
const FEWER = 5;
const CHUNK = 100;
/** At most this share of comparisons of equal settings may tell anything as clear. Fewer comparisons may by chance. */
const MOST_FALSE = 0.05;
const ENOUGH = 10_000;

/** One row: comparisons of one kind, and what they told. */
type Row = { kind: 'equal' | 'beside' | 'different'; scenario: Scenario; size: Size; told: Told };

/**
 * `npm run bench -- comparisons`: how often comparisons of equal settings call a difference clear, how often true
 * differences are found, and how often each interval holds the true value. Runs the code that answers
 * GET /comparisons/{id}, on drawn figures. Fails when more than 5% of 10,000 equal ones or more told anything.
 */
export const run = async (args: string[]): Promise<number> => {
  const { comparisons, seed, json } = parseOptions(args);
  exitOnSignal();
  const fewer = Math.ceil(comparisons / FEWER);
  const rows = [
    ...rowsOf('equal', EQUAL, [2, 8]),
    ...rowsOf('beside', BESIDE, [4, 8]),
    ...rowsOf('different', DIFFERENT, [2, 8]),
  ];
  const chunks = rows.flatMap((row) => chunksOf(row, row.kind === 'equal' ? comparisons : fewer, seed));
  await work(chunks);
  const held = coverages(seed, comparisons);
  console.log(table(['equal settings', 'settings', 'blocks', 'told anything'], falseRows(rows, 'equal')));
  console.log(table(['equal settings', 'settings', 'blocks', 'told anything'], falseRows(rows, 'beside')));
  console.log(table(['true difference', 'settings', 'blocks', ...FIGURES], foundRows(rows)));
  console.log(table(['interval', 'values', 'n', 'held'], held.map(coverageRow)));
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ seed, comparisons, rows, held }, null, 2)}\n`);
  const worst = Math.max(
    ...rows.filter(({ kind }) => kind === 'equal').map(({ told }) => told.any / told.comparisons),
  );
  console.log(`Most that equal settings told: ${percent(worst)}; at most ${percent(MOST_FALSE)} may.`);
  return comparisons >= ENOUGH && worst > MOST_FALSE ? 1 : 0;
};

const rowsOf = (kind: Row['kind'], scenarios: Scenario[], settings: number[]): Row[] =>
  scenarios.flatMap((scenario) =>
    settings.flatMap((count) =>
      SIZES.map((size) => ({ kind, scenario, size: { ...size, settings: count }, told: nothingTold() })),
    ),
  );

type Task = Chunk & { row: Row };

const chunksOf = (row: Row, comparisons: number, seed: string): Task[] =>
  Array.from({ length: Math.ceil(comparisons / CHUNK) }, (_, at) => ({
    row,
    scenario: row.scenario,
    size: row.size,
    seed: `${seed} ${row.kind} ${row.scenario.name} ${Object.values(row.size).join('x')} ${at}`,
    comparisons: Math.min(CHUNK, comparisons - at * CHUNK),
  }));

/** Has each chunk simulated by a process of its own for each CPU, and adds up what they told. */
const work = async (tasks: Task[]): Promise<void> => {
  const waiting = [...tasks];
  const startedAt = performance.now();
  let shown = 0;
  const child = async () => {
    const worker = startChild<Chunk, Told>(new URL('./worker.ts', import.meta.url), '');
    try {
      for (let task = waiting.shift(); task; task = waiting.shift()) {
        const { row, ...chunk } = task;
        add(row.told, await worker.ask(chunk));
        const done = Math.floor((20 * (tasks.length - waiting.length)) / tasks.length);
        if (done === shown) continue;
        shown = done;
        console.error(`${5 * done}% after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
      }
    } finally {
      await worker.end();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, child));
};

const add = (total: Told, own: Told): void => {
  total.comparisons += own.comparisons;
  total.any += own.any;
  for (const figure of FIGURES) total.figures[figure] += own.figures[figure];
};

const falseRows = (rows: Row[], kind: Row['kind']): string[][] =>
  rows
    .filter((row) => row.kind === kind)
    .map(({ scenario, size, told }) => [
      scenario.name,
      `${size.settings}`,
      `${size.prompts * size.samples}`,
      percent(told.any / told.comparisons, 2),
    ]);

const foundRows = (rows: Row[]): string[][] =>
  rows
    .filter(({ kind }) => kind === 'different')
    .map(({ scenario, size, told }) => [
      scenario.name,
      `${size.settings}`,
      `${size.prompts * size.samples}`,
      ...FIGURES.map((figure) => percent(told.figures[figure] / told.comparisons, 0)),
    ]);

const coverageRow = ({ interval, values, n, held }: Coverage): string[] => [
  interval,
  values,
  `${n}`,
  percent(held),
];

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;

/** A table in Markdown, as it stands in docs/comparisons.md. */
const table = (head: string[], rows: string[][]): string =>
  `${[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
const parseOptions = (args: string[]) => {
  const flags = {
    comparisons: { type: 'string', default: '10000' },
    seed: { type: 'string', default: 'everytoken' },
    json: { type: 'string' },
  } as const;
  const { comparisons, seed, json } = readFlags(args, flags, USAGE);
  const range = { least: 100, most: 1_000_000, usage: USAGE };
  return { comparisons: wholeNumber('comparisons', comparisons, range), seed, json };
};
