import { FIGURE_NAMES, FIGURES, type Figure, wrongByDefinition } from './definitions.ts';
import { ROWS } from './reported.ts';
import { type ErrorStatistics, type Line, tailOf } from './results.ts';
import { SCENARIOS, type Scenario } from './stream-plan.ts';

const NAME_WIDTH = 16;
const WIDTH = 10;

/** The legend, printed once above the tables. */
export const LEGEND = [
  'Absolute error against the server, in ms: time to first token, time per token, gaps between tokens.',
  'everytoken counts TTFT from its own t0, when `fetch` dispatches the request; "everytoken, call" counts the same figure from the call.',
  'responses: everytoken asking the same server by the Responses API, from its own t0.',
  'vllm, guidellm, aiperf, llmperf: the formulas of these tools, all four on one plain reading of the stream by lines.',
  'CPU µs a token: of the client, request included. Without CPU: runnable while other processes had the CPU, worst turn.',
  '! wrong by definition (reason below the table)   * the worst, too few samples for a p99   – not reported',
];

/** The table of one scenario at one number of streams, as lines of text. */
export const tableOf = (scenario: Scenario, streams: number, lines: readonly Line[]): string[] => {
  const here = ROWS.flatMap((row) => lines.filter((line) => line.row === row));
  const reasons = here.flatMap(({ row }) =>
    Object.entries(wrongByDefinition(row, scenario)).map(
      ([figure, reason]) => `  ! ${row}, ${FIGURE_NAMES[figure as Figure]}: ${reason}`,
    ),
  );
  const differing = here
    .filter(({ differingTexts }) => differingTexts > 0)
    .map(({ row, differingTexts }) => `  ${row} lost or changed the text of ${differingTexts} streams`);
  return [
    `${scenario} · ${streams} ${streams === 1 ? 'stream' : 'streams'} · ${SCENARIOS[scenario]}`,
    `${''.padEnd(NAME_WIDTH)}${FIGURES.map((figure) => FIGURE_NAMES[figure].padStart(2 * WIDTH)).join('')}${'CPU µs'.padStart(WIDTH)}${'ms without'.padStart(WIDTH + 2)}`,
    `${''.padEnd(NAME_WIDTH)}${FIGURES.map(() => 'median'.padStart(WIDTH) + 'p99'.padStart(WIDTH)).join('')}${'a token'.padStart(WIDTH)}${'CPU, worst'.padStart(WIDTH + 2)}`,
    ...here.map((line) => rowOf(line, scenario)),
    ...reasons,
    ...differing,
  ];
};

const rowOf = ({ row, pooled, cpuMicrosPerToken, waitedMs }: Line, scenario: Scenario): string => {
  const wrong = wrongByDefinition(row, scenario);
  const cells = FIGURES.map((figure) => cellsOf(pooled[figure], wrong[figure] !== undefined));
  return `${row.padEnd(NAME_WIDTH)}${cells.join('')}${cpuMicrosPerToken.toFixed(0).padStart(WIDTH)}${(waitedMs?.toFixed(1) ?? '–').padStart(WIDTH + 2)}`;
};

const cellsOf = (statistics: ErrorStatistics, wrong: boolean): string => {
  const mark = wrong ? '!' : '';
  const tail = tailOf(statistics);
  const star = statistics.p99 === null ? '*' : ' ';
  const median = statistics.median === null ? '–' : `${mark}${statistics.median.toFixed(2)}`;
  return `${median.padStart(WIDTH)}${(tail === null ? '– ' : `${mark}${tail.toFixed(2)}${star}`).padStart(WIDTH)}`;
};
