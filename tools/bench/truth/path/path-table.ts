import { type ErrorStatistics, tailOf } from '../results.ts';
import { type Condition, cpuName, nameOf } from './conditions.ts';
import type { PathSample } from './measure-path.ts';
import { type Bounds, bareUnder, type PathFigure, type PathLine, statisticsOf } from './path-results.ts';

/** The legend, printed once above the tables. */
export const PATH_LEGEND = [
  "Errors in ms of the figures that the API shows, beyond the bare client's median under the same load; its own are raw.",
  'Throttled: the share of 20 ms periods in which an environment had used up its CPU, from the end of its init on.',
  "Within: the generations whose errors of first token, last token and end are at most the functions' own bound; then that",
  'bound at the median, and the generations without one.',
  '* the worst, too few samples for a p99   – none',
];

const HEADINGS: readonly [PathFigure, string][] = [
  ['ttft', 'TTFT'],
  ['first', 'of it reading'],
  ['tpot', 'time per token'],
  ['gaps', 'gaps'],
  ['e2e', 'end'],
];

const NAME_WIDTH = 30;
const WIDTH = 8;

/** The tables: one for each start and share of CPU, with the bare client above. */
export const pathTables = (lines: readonly PathLine[], samples: readonly PathSample[]): string[] => [
  ...[...new Set(lines.map(({ condition }) => condition.load))].map((load) => {
    const bare = bareUnder(samples, load);
    return `${`bare client${load === 'busy' ? ', CPUs busy' : ''}`.padEnd(NAME_WIDTH)}${cellsOf(statisticsOf(bare))}${number(bare.length)}`;
  }),
  ...[...Map.groupBy(lines, ({ condition }) => titleOf(condition))].flatMap(([title, group]) => [
    '',
    title,
    ...group.map(rowOf),
  ]),
];

export const pathHeadings = (): string[] => [
  `${''.padEnd(NAME_WIDTH)}${HEADINGS.map(([, text]) => text.padStart(2 * WIDTH)).join('')}`,
  `${''.padEnd(NAME_WIDTH)}${HEADINGS.map(() => 'median'.padStart(WIDTH) + 'p99'.padStart(WIDTH)).join('')}${['n', 'throttled', 'within', 'bound', 'none'].map((text) => text.padStart(text.length > WIDTH - 2 ? WIDTH + 2 : WIDTH)).join('')}`,
];

const titleOf = ({ start, memoryMb }: Condition): string => `${start} · ${cpuName(memoryMb)}`;

const rowOf = ({ condition, beyond, n, throttling, bounds, ...rest }: PathLine): string => {
  const { periods, throttled } = throttling;
  const share = periods === 0 ? '–' : percent(throttled / periods);
  const faults = [
    rest.retried > 0 ? `${rest.retried} retried` : [],
    rest.differingTexts > 0 ? `${rest.differingTexts} texts differ` : [],
    condition.start === 'cold' && rest.coldStarts < n ? `${n - rest.coldStarts} not cold` : [],
  ].flat();
  return `${nameOf(condition).padEnd(NAME_WIDTH)}${cellsOf(beyond)}${number(n)}${share.padStart(WIDTH + 2)}${boundCells(bounds)}${faults.length === 0 ? '' : `  ! ${faults.join(', ')}`}`;
};

const cellsOf = (statistics: Record<PathFigure, ErrorStatistics>): string =>
  HEADINGS.map(([figure]) => {
    const { median, p99 } = statistics[figure];
    const tail = tailOf(statistics[figure]);
    const digits = figure === 'tpot' ? 3 : 2;
    return `${(median?.toFixed(digits) ?? '–').padStart(WIDTH)}${(tail === null ? '– ' : `${tail.toFixed(digits)}${p99 === null ? '*' : ' '}`).padStart(WIDTH)}`;
  }).join('');

const boundCells = ({ n, within, medianMs, missing }: Bounds): string =>
  [n === 0 ? '–' : percent(within / n), medianMs?.toFixed(2) ?? '–', String(missing)]
    .map((cell) => cell.padStart(WIDTH))
    .join('');

const number = (value: number): string => String(value).padStart(WIDTH);
const percent = (share: number): string => `${(100 * share).toFixed(share > 0.99 && share < 1 ? 1 : 0)}%`;
