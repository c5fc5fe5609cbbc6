import { spreadOf } from '../../../lib/timing/spread.ts';
import type { TakenUnits } from '../../scale/grow/table.ts';
import { count, table } from '../../scale/markdown.ts';

/** The figures of one operation while so many runs are stored. `units` are null for one that asks no table. */
export type Figures = {
  operation: string;
  runs: number;
  isLimited: boolean;
  units: TakenUnits | null;
  /** How long each measured request took, in ms. */
  ms: number[];
};

/** The peak resident memory of the processes of one kind, in MB, and how long `npm start` took, in ms. */
export type StackFigures = { runs: number; startMs: number; peakMb: Record<string, number> };

/** A list page, a search, a report and an export may take this much more of anything at the last size. */
const MOST = 1.5;
/** Rounding of units: an item may cross the border of 1 KB or 4 KB, which has nothing to do with stored runs. */
const FLAT = 1.02;
const PINECONE_MS = 250;

const unitsOf = ({ units }: Figures): number | null => units && units.read + units.write;

/** How many times its value at the first size a figure has at the last; null where one is unknown or zero. */
const ratio = (last: number | null, first: number | null): number | null =>
  last === null || first === null || first === 0 ? null : last / first;

const p50 = ({ ms }: Figures): number | null => spreadOf(ms).p50;

/** The operations in order, each with its figures by growing size. */
const operationsIn = (figures: readonly Figures[]): [string, Figures[]][] =>
  [...Map.groupBy(figures, ({ operation }) => operation)].map(([name, own]) => [
    name,
    own.toSorted((a, b) => a.runs - b.runs),
  ]);

/** Units and times of each operation at each size, and the ratios of the last size to the first. */
export const growthTables = (figures: readonly Figures[]): string => {
  const operations = operationsIn(figures);
  const sizes = operations[0]?.[1].map(({ runs }) => runs.toLocaleString('en')) ?? [];
  const ratioCell = (value: number | null) => (value === null ? '' : `${value.toFixed(2)}x`);
  const units = operations.flatMap(([name, own]) => {
    if (own.every(({ units }) => units === null)) return [];
    const cells = own.map(({ units }) => (units ? `${count(units.write)} w, ${count(units.read)} r` : ''));
    return [[name, ...cells, ratioCell(ratioOf(own, unitsOf))]];
  });
  const times = operations.map(([name, own]) => [
    name,
    ...own.map(({ ms }) => {
      const { p50, p90 } = spreadOf(ms);
      return p50 === null ? '' : `${p50.toFixed(1)} (${p90?.toFixed(1)})`;
    }),
    ratioCell(ratioOf(own, p50)),
  ]);
  return [
    'Units of the table and its indexes: written (w) and read (r). A POST is counted to the completed run.',
    table(['stored runs', ...sizes, 'ratio'], units),
    '',
    'Milliseconds to the whole answer: median (p90).',
    table(['stored runs', ...sizes, 'ratio'], times),
  ].join('\n');
};

const ratioOf = (own: readonly Figures[], figure: (one: Figures) => number | null): number | null => {
  const [first, last] = [own[0], own.at(-1)];
  return first && last ? ratio(figure(last), figure(first)) : null;
};

/** The peak memory of each kind of process, and the time of a start, by stored runs. */
export const memoryTable = (stacks: readonly StackFigures[]): string => {
  const roles = [...new Set(stacks.flatMap(({ peakMb }) => Object.keys(peakMb)))].sort();
  const row = (name: string, cell: (stack: StackFigures) => string) => [name, ...stacks.map(cell)];
  return table(
    ['stored runs', ...stacks.map(({ runs }) => runs.toLocaleString('en'))],
    [
      ...roles.map((role) => row(`${role}, peak MB`, ({ peakMb }) => peakMb[role]?.toFixed(0) ?? '')),
      row('start of the local stack, s', ({ startMs }) => (startMs / 1_000).toFixed(1)),
    ],
  );
};

/**
 * Sentences on what must hold. Units decide `held`, since they are the same on every machine; times are told, since
 * other work on the machine changes them.
 */
export const growthVerdict = (figures: readonly Figures[]): { held: boolean; sentences: string[] } => {
  const operations = operationsIn(figures);
  const grownUnits = operations.flatMap(([name, own]) => {
    const grown = ratioOf(own, unitsOf) ?? 1;
    return grown > (own[0]?.isLimited ? MOST : FLAT) ? [`${name} (${grown.toFixed(2)}x)`] : [];
  });
  const grownTimes = operations.flatMap(([name, own]) => {
    const grown = ratioOf(own, p50) ?? 1;
    return own[0]?.isLimited && grown > MOST ? [`${name} (${grown.toFixed(2)}x)`] : [];
  });
  const query = operations.find(([, own]) => own.every(({ units }) => units === null))?.[1].at(-1);
  const queryMs = query && p50(query);
  return {
    held: grownUnits.length === 0,
    sentences: [
      grownUnits.length === 0
        ? `held: units are flat, and at most ${MOST} times for a page, a search, a report and an export.`
        : `NOT held: the units of ${grownUnits.join(', ')} grow.`,
      grownTimes.length === 0
        ? `held: a page, a search, a report and an export take at most ${MOST} times as long.`
        : `NOT held: ${grownTimes.join(', ')} take longer than ${MOST} times.`,
      ...(query && typeof queryMs === 'number'
        ? [
            `${queryMs <= PINECONE_MS ? 'held' : 'NOT held'}: the local Pinecone answers a query over ${query.runs.toLocaleString('en')} vectors in ${queryMs.toFixed(0)} ms (at most ${PINECONE_MS}).`,
          ]
        : []),
    ],
  };
};
