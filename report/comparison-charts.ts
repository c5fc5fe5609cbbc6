import type { ComparedSetting } from '../client/api-types.ts';
import type { ChartRow, RowChart } from './charts/row-chart.ts';
import type { TradeOff } from './charts/trade-off-chart.ts';
import type { Answer } from './comparison-data.ts';
import { counted, type FigureName, figureOf, intervalText, withUnit } from './figures.ts';
import { shownLine } from './shown-text.ts';

/** The content of a chart, before it is drawn. */
export type Charted<Content> = { title: string; caption: string; content: Content };

const UPWARD = {
  embedding_diversity: {
    name: 'diversity',
    label: 'diversity',
    more: 'at its diversity (further up is more diverse)',
  },
  pass_rate: {
    name: 'pass rate',
    label: 'pass rate, %',
    more: 'at its pass rate (further up is more often right)',
  },
};

/**
 * Speed against diversity, with the cost as area; against the pass rate where no diversity is known. Undefined while no
 * setting has both.
 */
export const tradeOffOf = (settings: readonly ComparedSetting[]): Charted<TradeOff> | undefined => {
  const [speed, cost] = [figureOf('e2e_ms'), figureOf('cost_usd')];
  const isDiverse = settings.some((setting) => figureOf('embedding_diversity').of(setting).value !== null);
  const upward = figureOf(isDiverse ? 'embedding_diversity' : 'pass_rate');
  const { name, label: yLabel, more } = UPWARD[isDiverse ? 'embedding_diversity' : 'pass_rate'];
  const points = settings.flatMap((setting, at) => {
    const [x, y, size] = [speed.of(setting), upward.of(setting), cost.of(setting).value];
    if (x.value === null || y.value === null) return [];
    const note = size === null ? 'cost not known' : `${withUnit(cost, size)} for 1,000`;
    const label = shownLine(setting.label);
    return [{ label, at, x: x.value, xInterval: x.interval, y: y.value, yInterval: y.interval, size, note }];
  });
  if (points.length === 0) return undefined;
  const described = points.map(
    ({ label, x, y, note }) => `${label} ${withUnit(speed, x)}, ${name} ${withUnit(upward, y)}, ${note}`,
  );
  return {
    title: `Speed, ${name} and cost`,
    caption: `Each setting at the median of its total time (further left is faster) and ${more}, both with their 95% intervals. The mark's area is the mean cost of an answer. Colours and shapes are those of the table above; a label without room is left out.`,
    content: {
      points,
      xLabel: 'median total time, ms',
      yLabel,
      description: `Speed, ${name} and cost of ${counted(points.length, 'setting')}: ${described.join('; ')}.`,
      formatX: speed.format,
      formatY: upward.format,
    },
  };
};

const TITLES: Record<FigureName, string> = {
  ttft_ms: 'Time to first token, ms',
  tpot_ms: 'Time per token, ms',
  e2e_ms: 'Total time, ms',
  completion_tokens: 'Completion tokens',
  cost_usd: 'Cost, $ for 1,000 answers',
  embedding_diversity: 'Diversity',
  pass_rate: 'Pass rate, %',
};

/** A figure of each setting, with the values of all answers; undefined while no setting knows it. */
export const distributionOf = (
  settings: readonly ComparedSetting[],
  answers: readonly Answer[],
  name: FigureName,
): Charted<RowChart> | undefined => {
  const it = figureOf(name);
  const rows = settings.map((setting, at): ChartRow => {
    const { value, interval, p90, n } = it.of(setting);
    return {
      label: shownLine(setting.label),
      at,
      values: valuesOf(answers, setting, name),
      middle: value,
      interval,
      p90,
      text:
        value === null
          ? 'not known'
          : `${withUnit(it, value)}${interval === null ? '' : ` (${intervalText(it, interval)})`}`,
      note: name === 'embedding_diversity' ? counted(n, 'prompt') : counted(n, 'answer'),
    };
  });
  if (rows.every(({ middle }) => middle === null)) return undefined;
  return {
    title: TITLES[name],
    caption: captionOf(name),
    content: {
      rows,
      description: `${TITLES[name]}: ${rows.map(({ label, text }) => `${label} ${text}`).join('; ')}.`,
      format: it.format,
      ...(name === 'pass_rate' ? { domain: [0, 1] as const } : {}),
    },
  };
};

const captionOf = (name: FigureName): string => {
  if (name === 'pass_rate') return 'The share of answers that pass every check, with its 95% interval.';
  if (name === 'embedding_diversity')
    return 'The mean over the prompts, with its 95% interval for these prompts.';
  if (name === 'cost_usd') return 'A small dot for each answer; below them the mean, which has no interval.';
  if (name === 'completion_tokens')
    return 'A small dot for each answer; below them the median, and a tick at the 90th percentile.';
  return 'A small dot for each warm answer with a certain time; below them the median with its 95% interval, and a tick at the 90th percentile.';
};

/** The values that the API's summary of this figure counts. */
export const valuesOf = (
  answers: readonly Answer[],
  { label }: Pick<ComparedSetting, 'label'>,
  name: FigureName,
): number[] => {
  if (name === 'embedding_diversity' || name === 'pass_rate') return [];
  const isTime = name !== 'completion_tokens' && name !== 'cost_usd';
  return answers.flatMap((answer) => {
    if (answer.label !== label || answer.status !== 'completed') return [];
    const isUncertain = Array.isArray(answer.uncertain) && answer.uncertain.includes(name);
    const value = answer[name];
    return value === null || (isTime && (isUncertain || answer.cold_start === true)) ? [] : [value];
  });
};
