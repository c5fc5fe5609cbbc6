import type { ComparedSetting, Comparison, Difference } from '../../../../client/index.ts';
import { wrap } from '../../../terminal/layout.ts';
import { type Column, printTable } from '../../../terminal/print-table.ts';
import { printableLine } from '../../../terminal/printable.ts';
import type { Screen } from '../../../terminal/screen.ts';
import { counted, countOf, dollars, milliseconds, UNKNOWN } from '../../../terminal/units.ts';

type Interval = readonly [number, number] | null;

const MAX_UNTOLD = 3;

/** Prints the verdict in words, the settings with their figures, the differences that are clear, and what was left out. */
export const showResult = (screen: Screen, comparison: Comparison): void => {
  showVerdict(screen, comparison);
  screen.line();
  const columns = COLUMNS.filter(({ isKnown }) => isKnown === undefined || comparison.settings.some(isKnown));
  printTable(screen, columns, comparison.settings);
  showDifferences(screen, comparison);
  showLeftOut(screen, comparison);
};

/** Prints the settings as CSV, with every figure that has a column in the report. */
export const printSettingsCsv = (screen: Screen, { settings }: Comparison): void =>
  printTable(screen, EXACT, settings, { csv: true });

const showVerdict = (screen: Screen, { verdict, status, error }: Comparison): void => {
  const say = (text: string, style: (line: string) => string = (line) => line) => {
    for (const line of wrap(printableLine(text), screen.width())) screen.line(style(line));
  };
  screen.line();
  if (verdict === null) {
    say(error === null ? `There is no verdict yet: it is ${status}.` : error.message, screen.attention);
    return;
  }
  say(verdict.summary, screen.bold);
  screen.line();
  const bests = [verdict.fastest, verdict.cheapest, verdict.most_diverse, verdict.most_often_right];
  for (const { sentence } of [...bests, ...verdict.beaten]) say(sentence);
};

type SettingColumn = Column<ComparedSetting> & {
  /** The column is left out where it is known of no setting. */
  isKnown?: (setting: ComparedSetting) => boolean;
};

const range = (interval: Interval, format: (value: number) => string): string =>
  interval === null ? UNKNOWN : `${format(interval[0])}–${format(interval[1])}`;

const plain = (digits: number) => (value: number) => value.toFixed(digits);

/** Intervals and the rest make room on a narrow terminal, in this order. */
const COLUMNS: SettingColumn[] = [
  { title: 'setting', text: ({ label }) => label, left: true, fills: 14 },
  { title: 'first token', text: ({ ttft_ms }) => milliseconds(ttft_ms.p50) },
  { title: '95%', text: ({ ttft_ms }) => range(ttft_ms.p50_interval, plain(0)), optional: 3 },
  { title: 'per token', text: ({ tpot_ms }) => milliseconds(tpot_ms.p50, 1) },
  { title: 'total', text: ({ e2e_ms }) => milliseconds(e2e_ms.p50) },
  { title: '95%', text: ({ e2e_ms }) => range(e2e_ms.p50_interval, plain(0)), optional: 3 },
  { title: 'tokens', text: ({ completion_tokens }) => counted(completion_tokens.p50), optional: 4 },
  {
    title: '$/1,000',
    text: ({ cost_usd: { mean } }) => (mean === null ? UNKNOWN : dollars(mean * 1000)),
    isKnown: ({ cost_usd }) => cost_usd.mean !== null,
    optional: 1,
  },
  {
    title: 'diverse',
    text: ({ diversity }) => diversity?.embedding_diversity?.toFixed(2) ?? UNKNOWN,
    isKnown: ({ diversity }) => diversity?.embedding_diversity != null,
  },
  {
    title: '95%',
    text: ({ diversity }) => range(diversity?.embedding_diversity_interval ?? null, plain(2)),
    isKnown: ({ diversity }) => diversity?.embedding_diversity_interval != null,
    optional: 3,
  },
  {
    title: 'pass',
    text: ({ pass_rate }) => (pass_rate?.rate == null ? UNKNOWN : `${Math.round(pass_rate.rate * 100)}%`),
    isKnown: ({ pass_rate }) => pass_rate !== null,
  },
  {
    title: '95%',
    text: ({ pass_rate }) => range(pass_rate?.interval ?? null, (rate) => `${Math.round(rate * 100)}`),
    isKnown: ({ pass_rate }) => pass_rate?.interval != null,
    optional: 3,
  },
  {
    title: 'objectives',
    text: ({ objectives_met, n, failed }) => `${objectives_met ?? UNKNOWN} of ${n + failed}`,
    isKnown: ({ objectives_met }) => objectives_met !== null,
    optional: 2,
  },
  { title: 'failed', text: ({ failed }) => counted(failed), isKnown: ({ failed }) => failed > 0 },
];

const exact = (
  title: string,
  csv: (setting: ComparedSetting) => string | number | null,
): Column<ComparedSetting> => ({
  title,
  text: (setting) => String(csv(setting) ?? ''),
  csv,
});

const times = ['ttft_ms', 'tpot_ms', 'e2e_ms'] as const;

const EXACT: Column<ComparedSetting>[] = [
  exact('setting', ({ label }) => label),
  exact('model', ({ model }) => model),
  exact('n', ({ n }) => n),
  exact('failed', ({ failed }) => failed),
  ...times.flatMap((time) => [
    exact(`${time}_p50`, (setting) => setting[time].p50),
    exact(`${time}_p50_low`, (setting) => setting[time].p50_interval?.[0] ?? null),
    exact(`${time}_p50_high`, (setting) => setting[time].p50_interval?.[1] ?? null),
    exact(`${time}_p90`, (setting) => setting[time].p90),
  ]),
  exact('completion_tokens_p50', ({ completion_tokens }) => completion_tokens.p50),
  exact('cost_usd_mean', ({ cost_usd }) => cost_usd.mean),
  exact('cost_usd_total', ({ cost_usd }) => cost_usd.total),
  exact('embedding_diversity', ({ diversity }) => diversity?.embedding_diversity ?? null),
  exact('embedding_diversity_low', ({ diversity }) => diversity?.embedding_diversity_interval?.[0] ?? null),
  exact('embedding_diversity_high', ({ diversity }) => diversity?.embedding_diversity_interval?.[1] ?? null),
  exact('pass_rate', ({ pass_rate }) => pass_rate?.rate ?? null),
  exact('pass_rate_low', ({ pass_rate }) => pass_rate?.interval?.[0] ?? null),
  exact('pass_rate_high', ({ pass_rate }) => pass_rate?.interval?.[1] ?? null),
  exact('objectives_met', ({ objectives_met }) => objectives_met),
  exact('goodput_per_s', ({ goodput_per_s }) => goodput_per_s),
];

const showDifferences = (screen: Screen, { differences, verdict }: Comparison): void => {
  if (differences.length === 0) return;
  screen.line();
  const clear = differences.filter((difference) => difference.clear);
  for (const difference of clear)
    screen.entry(
      'clear',
      `${TITLES[difference.figure]}: ${printableLine(difference.finding)}`,
      sizeOf(difference),
    );
  const untold = differences.length - clear.length;
  if (untold > 0)
    screen.entry(
      'not clear',
      `${counted(untold)} of ${counted(differences.length)} differences; more samples tell smaller ones apart`,
    );
  for (const { sentence } of (verdict?.untold ?? [])
    .filter(({ more_blocks }) => more_blocks !== null)
    .slice(0, MAX_UNTOLD))
    screen.entry('', printableLine(sentence));
};

const TITLES: Record<Difference['figure'], string> = {
  ttft_ms: 'first token',
  tpot_ms: 'per token',
  e2e_ms: 'total time',
  cost_usd: 'cost',
  completion_tokens: 'tokens',
  pass_rate: 'pass rate',
  embedding_diversity: 'diversity',
};

/** A difference without its sign, since the finding says which one is lower. */
const sizeOf = ({ figure, difference, interval, p }: Difference): string => {
  const { times = 1, digits, unit } = SIZES[figure];
  const number = (value: number) => Math.abs(value * times).toLocaleString('en-US', digits);
  const size = difference === null ? UNKNOWN : `${number(difference)}${unit}`;
  const [near = 0, far = 0] = (interval ?? []).toSorted((x, y) => Math.abs(x) - Math.abs(y));
  const bounds = interval === null ? '' : ` (95%: ${number(near)} to ${number(far)})`;
  return `by ${size}${bounds}, p ${p === null ? UNKNOWN : p < 0.001 ? '< 0.001' : p.toFixed(3)}`;
};

const SIGNIFICANT = { maximumSignificantDigits: 3 };

const SIZES: Record<
  Difference['figure'],
  { times?: number; digits: Intl.NumberFormatOptions; unit: string }
> = {
  ttft_ms: { digits: SIGNIFICANT, unit: ' ms' },
  tpot_ms: { digits: SIGNIFICANT, unit: ' ms' },
  e2e_ms: { digits: SIGNIFICANT, unit: ' ms' },
  cost_usd: { times: 1000, digits: SIGNIFICANT, unit: ' $ for 1,000' },
  completion_tokens: { digits: SIGNIFICANT, unit: ' tokens' },
  pass_rate: { times: 100, digits: { maximumFractionDigits: 0 }, unit: ' points' },
  embedding_diversity: { digits: { minimumFractionDigits: 2, maximumFractionDigits: 2 }, unit: '' },
};

const showLeftOut = (screen: Screen, { settings, cold_starts }: Comparison): void => {
  const uncertain = settings.reduce((sum, setting) => sum + setting.uncertain.e2e_ms, 0);
  const unpriced = settings.reduce((sum, { cost_usd }) => sum + cost_usd.unpriced, 0);
  const failures = settings.flatMap(({ label, errors }) =>
    Object.entries(errors).map(([code, n]) => `${printableLine(label)}: ${n} × ${printableLine(code)}`),
  );
  const pieces = [
    ...(cold_starts.n > 0 ? [`times of ${counted(cold_starts.n)} cold starts`] : []),
    ...(uncertain > 0 ? [`${counted(uncertain)} uncertain total times`] : []),
    ...(unpriced > 0 ? [`${countOf(unpriced, 'answer')} of unknown price`] : []),
  ];
  if (pieces.length > 0) screen.entry('left out', ...pieces);
  for (const failure of failures) screen.entry('failed', screen.bad(failure));
};
