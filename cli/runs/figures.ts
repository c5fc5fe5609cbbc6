import type { DiversityFigures, Generation, Run } from '../../client/index.ts';
import { own } from '../../lib/json/value.ts';
import { cutLine } from '../terminal/layout.ts';
import { type Column, printTable } from '../terminal/print-table.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { dollars, milliseconds, secondsOf, UNKNOWN, whole, withInterval } from '../terminal/units.ts';
import { samplesIn, titleOf } from './whole-outputs.ts';

type Timing = NonNullable<Generation['timing']>;
type Uncertain = Timing['uncertain'][number];

/** Prints the figures of a run's completed outputs; `stats` adds gaps, rates and diversity. */
export const printFigures = (
  screen: Screen,
  run: Run,
  { stats = false }: { stats?: boolean | undefined } = {},
): void => {
  const { generations } = run;
  if (!generations.some(({ status }) => status === 'completed')) return;
  printTable(screen, [...names(run), ...FIGURES], [...generations, ...(generations.length > 1 ? [run] : [])]);
  printDoubts(screen, generations);
  if (stats) printStats(screen, run);
};

/** Prints warnings of sampling, checks that failed, and errors by name: each once. */
export const printRemarks = (screen: Screen, run: Run): void => {
  printChecks(screen, run);
  for (const warning of eachOnce(run.generations.flatMap(({ sampling }) => sampling.warnings)))
    screen.entry('warning', screen.attention(printableLine(warning)));
  for (const error of errorsOf(run)) screen.entry('error', screen.bad(error));
};

/** A row of the table: an output, or the whole run below all of its outputs. */
type Row = Generation | Run;

const isOutput = (row: Row): row is Generation => 'sampling' in row;

/** Names of outputs; a run of one output of the setting `default` needs none. */
const names = (run: Run): Column<Row>[] => {
  const samples = samplesIn(run);
  const [first] = run.generations;
  return run.generations.length < 2 && (first === undefined || first.label === 'default')
    ? []
    : [{ title: '', text: (row) => (isOutput(row) ? shortTitle(titleOf(row, samples)) : 'all'), left: true }];
};

const LONGEST_TITLE = 24;

const shortTitle = (title: string): string => cutLine(printableLine(title), LONGEST_TITLE);

const ofOutput =
  (text: (generation: Generation) => string) =>
  (row: Row): string =>
    isOutput(row) ? text(row) : '';

/** A time with a tilde where it is uncertain (docs/metrics.md). */
const time = (name: Uncertain, format: (ms: number | null | undefined) => string) =>
  ofOutput(({ timing }) => `${timing?.uncertain.includes(name) ? '~' : ''}${format(timing?.[name])}`);

/** The times in the table. */
const TIMES: readonly Uncertain[] = ['ttft_ms', 'tpot_ms', 'e2e_ms'];

const FIGURES: Column<Row>[] = [
  { title: 'first token', text: time('ttft_ms', milliseconds) },
  { title: 'per token', text: time('tpot_ms', (ms) => milliseconds(ms, 1)) },
  { title: 'tokens', text: ({ usage }) => whole(usage.completion_tokens) },
  { title: 'total', text: time('e2e_ms', secondsOf) },
  { title: 'cost', text: ({ cost_usd }) => dollars(cost_usd) },
  { title: 'prompt', text: ofOutput(({ usage }) => whole(usage.prompt_tokens)), optional: true },
  { title: 'end', text: ofOutput(endOf), left: true, optional: 2 },
];

function endOf({ status, finish_reason }: Generation): string {
  return status === 'failed' ? 'failed' : (finish_reason ?? UNKNOWN);
}

const STATS: Column<Generation>[] = [
  { title: 'gap p50', text: ({ timing }) => milliseconds(timing?.chunk_gaps_ms.p50, 1) },
  { title: 'p90', text: ({ timing }) => milliseconds(timing?.chunk_gaps_ms.p90, 1) },
  { title: 'longest', text: ({ timing }) => milliseconds(timing?.longest_gap_ms) },
  { title: 'tokens/s', text: ({ timing }) => rate(timing?.decode_tokens_per_second) },
  { title: 'uncertainty', text: ({ timing }) => milliseconds(timing?.uncertainty_ms, 1), optional: 1 },
  { title: 'attempts', text: ({ attempts }) => whole(attempts.length + 1), optional: 3 },
  { title: 'start', text: startOf, left: true, optional: 2 },
];

function startOf({ timing }: Generation): string {
  return timing === null ? UNKNOWN : timing.cold_start ? 'cold' : 'warm';
}

const rate = (perSecond: number | null | undefined): string =>
  perSecond === null || perSecond === undefined ? UNKNOWN : perSecond.toFixed(1);

const printStats = (screen: Screen, run: Run): void => {
  screen.line();
  const [name] = names(run);
  printTable(screen, [...(name ? [name] : []), ...STATS], run.generations);
  if (run.diversity === null || run.diversity.n < 2) return;
  screen.line();
  printTable(screen, DIVERSITY, diversityRows(run.diversity));
};

type DiversityRow = { label: string; figures: DiversityFigures };

const DIVERSITY: Column<DiversityRow>[] = [
  { title: 'diversity', text: ({ label }) => shortTitle(label), left: true },
  { title: 'texts', text: ({ figures }) => whole(figures.n) },
  {
    title: 'by meaning',
    text: ({ figures }) => withInterval(figures.embedding_diversity, figures.embedding_diversity_interval),
  },
  { title: 'Vendi', text: ({ figures }) => share(figures.vendi) },
  { title: 'distinct-2', text: ({ figures }) => share(figures.distinct_2) },
  { title: 'self-BLEU', text: ({ figures }) => share(figures.self_bleu_4) },
  { title: 'duplicates', text: ({ figures }) => percent(figures.duplicate_rate), optional: true },
];

const share = (value: number | null): string => (value === null ? UNKNOWN : value.toFixed(2));
const percent = (value: number | null): string => (value === null ? UNKNOWN : `${Math.round(value * 100)} %`);

const diversityRows = ({ by_label, ...all }: NonNullable<Run['diversity']>): DiversityRow[] => {
  const labels = Object.keys(by_label);
  const rows = labels.flatMap((label) => {
    const figures = own(by_label, label);
    return figures && figures.n > 1 ? [{ label, figures }] : [];
  });
  return labels.length === 1 ? rows : [...rows, { label: 'all', figures: all }];
};

const printDoubts = (screen: Screen, generations: Generation[]): void => {
  const doubtful = generations.flatMap(({ timing }) =>
    timing?.uncertain.some((name) => TIMES.includes(name)) ? [timing] : [],
  );
  if (doubtful.length === 0) return;
  const most = Math.max(...doubtful.map(({ uncertainty_ms }) => uncertainty_ms ?? 0));
  screen.line(screen.dim(`~ uncertain by up to ${milliseconds(most)}: bytes waited to be read`));
};

const printChecks = (screen: Screen, { checks, generations }: Run): void => {
  if (checks === null) return;
  const rates = Object.entries(checks.by_label).map(([label, { n, passed }]) => {
    const text = `${generations.length > 1 ? `${printableLine(label)}: ` : ''}${passed} of ${n} passed`;
    return passed === n ? screen.good(text) : screen.bad(text);
  });
  screen.entry('checks', ...rates);
  const failed = generations.flatMap(({ checks }) => checks.filter(({ passed }) => !passed));
  for (const reason of eachOnce(failed.map(({ type, message }) => `${type}: ${message ?? 'failed'}`)))
    screen.entry('', printableLine(reason));
};

/** The errors of a run and of its outputs, by name, each once with the outputs that it befell. */
const errorsOf = (run: Run): string[] => {
  const samples = samplesIn(run);
  const failed = new Map<string, string[]>();
  for (const generation of run.generations) {
    if (generation.error === null) continue;
    const text = `${generation.error.code}: ${generation.error.message}`;
    failed.set(text, [...(failed.get(text) ?? []), titleOf(generation, samples)]);
  }
  const ofRun = run.error && `${run.error.code}: ${run.error.message}`;
  if (ofRun !== null && !failed.has(ofRun)) failed.set(ofRun, []);
  return [...failed].map(([text, titles]) =>
    printableLine(run.generations.length > 1 && titles.length > 0 ? `${titles.join(', ')}: ${text}` : text),
  );
};

const eachOnce = (texts: string[]): string[] => [...new Set(texts)];
