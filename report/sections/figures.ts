import { html } from 'hono/html';
import type { ComparedSetting, Difference } from '../../client/api-types.ts';
import type { ComparisonData } from '../comparison-data.ts';
import {
  leftOutText,
  noDifferencesText,
  probabilityText,
  statedObjectives,
  totalCostText,
} from '../comparison-words.ts';
import { type DataColumn, dataTable, scrolling, stacked, tableHead, tableRows } from '../data-table.ts';
import {
  counted,
  differenceText,
  dollars,
  FIGURES,
  figureOf,
  intervalText,
  UNKNOWN,
  withUnit,
} from '../figures.ts';
import { grouped } from '../grouped.ts';
import { type Html, placeOf, settingName } from '../setting-name.ts';

type SettingColumn = DataColumn<ComparedSetting>;

const NAME: SettingColumn = { title: 'Setting', cell: ({ label }, at) => settingName(label, at) };

/** The settings side by side: each figure with its interval. */
export const settingsSection = ({ comparison: { settings } }: ComparisonData): Html => {
  const known = FIGURES.filter(({ of }) => settings.some((setting) => of(setting).value !== null));
  const columns = known.map((figure): SettingColumn => {
    const format = figure.inColumn ?? figure.format;
    const cell = (setting: ComparedSetting) => {
      const { value, interval } = figure.of(setting);
      if (value === null) return UNKNOWN;
      return interval === null ? format(value) : stacked(format(value), intervalText({ format }, interval));
    };
    return {
      title: figure.title,
      small: figure.unit === figure.title.toLowerCase() ? undefined : figure.unit || undefined,
      cell,
    };
  });
  return html`<section aria-labelledby="settings">
<h2 id="settings">Settings</h2>
<p>Medians with their 95% intervals, and the mean of the cost. Times are of warm answers whose time is certain.</p>
${dataTable(
  'Settings and their figures',
  [NAME, ...columns, { title: 'Answers', small: 'failed', cell: ({ n, failed }) => stacked(n, failed) }],
  settings,
)}
</section>`;
};

/** All differences with intervals and p, pair by pair. */
export const differencesSection = ({ comparison }: ComparisonData): Html => {
  const { differences, settings } = comparison;
  const pairs = grouped(differences, ({ a, b }) => JSON.stringify([a, b]));
  const columns: DataColumn<Difference>[] = [
    { title: 'Figure', cell: ({ figure }) => figureOf(figure).title },
    { title: 'Difference', cell: ({ figure, difference }) => differenceText(figureOf(figure), difference) },
    { title: '95% interval', cell: ({ figure, interval }) => intervalText(figureOf(figure), interval) },
    { title: 'p', cell: ({ p }) => (p === null ? UNKNOWN : probabilityText(p)) },
    { title: 'Finding', cell: (difference) => findingOf(difference, settings), left: true },
    {
      title: 'Pairs',
      small: 'left out',
      cell: (difference) => stacked(difference.n, leftOutText(difference)),
    },
  ];
  const body =
    differences.length === 0
      ? html`<p>${noDifferencesText(comparison)}</p>`
      : html`<p>Each is the median of the first setting's value minus the second's over the blocks, so that drift and
hard prompts count alike for both; for pass rate and diversity it is the difference of the two. One permutation test decides which of
all these are <strong>clear</strong>: p is how often equal settings would show any difference as large, and a clear one has at most 0.045. An interval
holds the true difference in 95% of the cases, for this difference alone.</p>
${scrolling(
  'Differences between settings',
  html`<table>${tableHead(columns)}${[...pairs.values()].map(
    (pair) =>
      html`<tbody>${pairHead(pair, settings, columns.length)}${tableRows(columns, pair, ({ clear }) => clear)}</tbody>`,
  )}</table>`,
)}`;
  return html`<section aria-labelledby="differences">
<h2 id="differences">Differences</h2>
${body}
</section>`;
};

const pairHead = (
  [first]: readonly Difference[],
  settings: readonly ComparedSetting[],
  span: number,
): Html =>
  first
    ? html`<tr class="pair"><th colspan="${span}" scope="rowgroup">${named(settings, first.a)} − ${named(settings, first.b)}</th></tr>`
    : html``;

const named = (settings: readonly ComparedSetting[], label: string): Html =>
  settingName(label, placeOf(settings, label));

/** The finding, with the settings' colours where it is clear. */
const findingOf = (
  { clear, difference, a, b, finding }: Difference,
  settings: readonly ComparedSetting[],
): Html | string => {
  if (!clear || difference === null) return finding;
  const [lower, higher] = difference < 0 ? [a, b] : [b, a];
  return html`${named(settings, lower)} is lower than ${named(settings, higher)} <span class="badge clear">clear</span>`;
};

const OBJECTIVE_COLUMNS: SettingColumn[] = [
  {
    title: 'Objectives met',
    cell: ({ objectives_met, n, failed }) =>
      objectives_met === null ? UNKNOWN : `${objectives_met} of ${n + failed}`,
  },
  {
    title: 'Goodput',
    small: 'met, a second',
    cell: ({ goodput_per_s }) => goodput_per_s?.toFixed(2) ?? UNKNOWN,
  },
];

const CHECK_COLUMNS: SettingColumn[] = [
  {
    title: 'Checks passed',
    cell: ({ pass_rate }) => (pass_rate === null ? UNKNOWN : `${pass_rate.passed} of ${pass_rate.n}`),
  },
  {
    title: 'Pass rate',
    small: '95% interval',
    cell: ({ pass_rate }) => {
      const rate = figureOf('pass_rate');
      return stacked(
        withUnit(rate, pass_rate?.rate ?? null),
        intervalText(rate, pass_rate?.interval ?? null),
      );
    },
  },
];

/** How often objectives and checks were met. */
export const objectivesSection = ({ comparison, request }: ComparisonData): Html => {
  const { settings } = comparison;
  const hasChecks = settings.some(({ pass_rate }) => pass_rate !== null);
  const stated = statedObjectives(comparison);
  const checks = request.checks ?? [];
  const columns = [
    NAME,
    ...(stated.length > 0 ? OBJECTIVE_COLUMNS : []),
    ...(hasChecks ? CHECK_COLUMNS : []),
  ];
  return html`<section aria-labelledby="objectives">
<h2 id="objectives">Objectives and checks</h2>
<p>${
    stated.length === 0
      ? 'No objective was stated.'
      : `An answer meets the objectives with ${stated.join(', ')}. A failed answer, or one of unknown time, misses them.`
  } ${checksText(hasChecks, checks.length)}</p>
${checks.length === 0 ? '' : html`<ul class="checks">${checks.map((check) => html`<li><code>${JSON.stringify(check)}</code></li>`)}</ul>`}
${columns.length === 1 ? '' : dataTable('Objectives and checks met', columns, settings)}
</section>`;
};

const checksText = (hasChecks: boolean, known: number): string => {
  if (!hasChecks) return 'No check was asked for.';
  if (known === 0) return 'Answers were checked; the checks themselves are not kept with a comparison.';
  return known === 1
    ? 'An answer passes if it passes this check:'
    : `An answer passes if it passes all ${known} checks:`;
};

/** The values that are in no figure, and why. */
export const leftOutSection = ({ comparison }: ComparisonData): Html => {
  const { settings, warm_up } = comparison;
  const failures = settings.flatMap(({ label, errors }, at) =>
    Object.entries(errors).map(
      ([code, n]) => html`<li>${settingName(label, at)}: ${n} × <code>${code}</code></li>`,
    ),
  );
  return html`<section aria-labelledby="left-out">
<h2 id="left-out">Left out, and why</h2>
<p>Failed answers are in no figure, nor are their pairs. Times of cold starts stand apart. A time is uncertain when the process that
read it may have read its bytes late, by more than 5 ms and 5% of it. ${counted(warm_up.runs, 'warm-up request')} went first and
${warm_up.runs === 1 ? 'is' : 'are'} in no figure${warm_up.failed > 0 ? ` (${warm_up.failed} failed)` : ''}.</p>
${dataTable(
  'Answers and times that are left out',
  [
    NAME,
    { title: 'Answers', cell: ({ n }) => n },
    { title: 'Failed', cell: ({ failed }) => failed },
    { title: 'Cold starts', cell: ({ cold }) => cold.n },
    { title: 'First token', small: 'uncertain', cell: ({ uncertain }) => uncertain.ttft_ms },
    { title: 'Per token', small: 'uncertain', cell: ({ uncertain }) => uncertain.tpot_ms },
    { title: 'Total time', small: 'uncertain', cell: ({ uncertain }) => uncertain.e2e_ms },
    { title: 'Cost', small: 'price unknown', cell: ({ cost_usd }) => cost_usd.unpriced },
  ],
  settings,
)}
${failures.length === 0 ? '' : html`<h3>Failures</h3><ul>${failures}</ul>`}
</section>`;
};

/** The cost of each setting, and of all. */
export const costSection = ({ comparison }: ComparisonData): Html => html`<section aria-labelledby="cost">
<h2 id="cost">Cost</h2>
${dataTable<ComparedSetting>(
  'Cost of each setting',
  [
    NAME,
    { title: 'Model', cell: ({ model }) => html`<bdi>${model}</bdi>`, left: true },
    { title: 'Paid', cell: ({ cost_usd }) => dollars(cost_usd.total) },
    { title: 'Mean', small: 'of an answer', cell: ({ cost_usd }) => dollars(cost_usd.mean) },
    { title: 'Price unknown', small: 'answers', cell: ({ cost_usd }) => cost_usd.unpriced },
  ],
  comparison.settings,
)}
<p>${totalCostText(comparison)} The warm-ups: ${dollars(comparison.warm_up.cost_usd)}. Repeated attempts and embeddings are not counted.</p>
</section>`;
