import type { UsageReport } from '../../../client/index.ts';
import type { ChartSize } from '../../../report/charts/draw-chart.ts';
import { timeChart } from '../../../report/charts/time-chart.ts';
import { changeQuery } from '../../location.ts';
import { Chart } from '../../parts/chart.tsx';
import { Segments } from '../../parts/fields.tsx';
import type { Loaded } from '../../parts/load.ts';
import { Loadable } from '../../parts/states.tsx';
import { type Grouping, titleOf, type UsageGroup } from './grouping.ts';
import { daysOf } from './period.ts';
import { seriesOf, seriesOfAll } from './series.ts';
import { CHARTED, isMean, type UsageFigure } from './usage-figures.ts';

const HEIGHT = 220;

export const figureOf = (query: URLSearchParams): UsageFigure =>
  CHARTED.find(({ name }) => name === query.get('figure')) ?? (CHARTED[0] as UsageFigure);

/** One figure over the days of the period, by group. */
export const OverTime = ({
  groups,
  daily,
  grouping,
  figure,
}: {
  /** Of the whole period, ranked. */
  groups: readonly UsageGroup[];
  daily: Loaded<UsageReport>;
  grouping: Grouping;
  figure: UsageFigure;
}) => (
  <section class="card" aria-labelledby="over-time">
    <header>
      <h2 id="over-time">Over time</h2>
      <div class="end">
        <Segments
          label="Figure"
          choices={CHARTED.map(({ name, title }) => ({ value: name, label: title }))}
          value={figure.name}
          onChange={(name) => changeQuery({ figure: name === CHARTED[0]?.name ? null : name })}
        />
      </div>
    </header>
    <Loadable of={daily} what="the usage over time">
      {(report) => <Drawn report={report} groups={groups} grouping={grouping} figure={figure} />}
    </Loadable>
  </section>
);

const Drawn = ({
  report,
  groups,
  grouping,
  figure,
}: {
  report: UsageReport;
  groups: readonly UsageGroup[];
  grouping: Grouping;
  figure: UsageFigure;
}) => {
  const days = daysOf(report);
  const isByDay = grouping.by === 'day';
  const series = isByDay
    ? seriesOfAll(report.groups, figure, days)
    : seriesOf(groups, report.groups, { grouping, figure, days });
  const isLine = isMean(figure);
  const unit = figure.unit === undefined ? '' : `, ${figure.unit}`;
  const yLabel = isLine ? `mean time to first token${unit}` : `${figure.title.toLowerCase()} a day${unit}`;
  const draw = (size: ChartSize) =>
    timeChart(
      {
        buckets: days,
        step: 'day',
        groups: series,
        as: isLine ? 'lines' : 'bars',
        yLabel,
        description: described(report, series, { figure, grouping }),
        format: figure.format,
        isCount: figure.name !== 'cost_usd' && !isLine,
      },
      size,
    );
  return (
    <>
      <Chart draw={draw} height={HEIGHT} keys={[report, series, figure.name]} />
      <p class="muted small">
        Usage is summed by UTC day.{' '}
        {isLine &&
          'The API sums one time of outputs, the mean of the first token, with cold starts in it. It has no sum of the time per token, of percentiles or of cold and warm outputs apart: a run and a comparison have those. '}
        {isLine &&
          series.length < groups.length &&
          `The ${series.length} groups with the most tokens are drawn. `}
        {report.groups.some(({ other }) => other === true) &&
          'The chart leaves out groups beyond the 5,000 of the highest cost: choose a shorter time for them.'}
      </p>
    </>
  );
};

const described = (
  report: UsageReport,
  series: readonly { label: string; values: readonly (number | null)[] }[],
  { figure, grouping }: { figure: UsageFigure; grouping: Grouping },
): string => {
  const total = figure.of(report.total);
  const days = daysOf(report);
  const sums = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${label} not known`;
    const sum = known.reduce((a, b) => a + b, 0);
    return isMean(figure) ? `${label} known on ${known.length} days` : `${label} ${figure.format(sum)}`;
  });
  const by = grouping.by === 'day' ? '' : ` and ${titleOf(grouping)}`;
  return `${figure.title} by day${by}, ${days[0] ?? ''} to ${days.at(-1) ?? ''}: all ${total === null ? 'not known' : figure.format(total)}; ${sums.join('; ')}. The table below has the figures.`;
};
