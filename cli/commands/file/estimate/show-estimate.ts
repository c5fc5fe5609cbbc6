import type { FileEstimate } from '../../../../client/index.ts';
import { printableValue } from '../../../terminal/printable.ts';
import type { Screen } from '../../../terminal/screen.ts';
import { duration, localTime } from '../../../terminal/time.ts';
import { counted, dollars } from '../../../terminal/units.ts';
import { linesText, rangesOf, reasonOf, rowsText } from '../reasons.ts';

type Range = FileEstimate['tokens'];

/** Prints what a file would take: rows, faults, model, tokens, cost, time, limits, and the first prompt. */
export const showEstimate = (screen: Screen, answer: FileEstimate): void => {
  const estimate = printableValue(answer);
  const { accepted, reused, refused, complete, models, budget, max_cost_usd, wall_time_ms } = estimate;
  const about = complete ? '' : 'about ';
  // Of a part, digits beyond two tell nothing.
  const rows = (value: number) => (complete ? value : Number(value.toPrecision(2)));
  const toGenerate = accepted - reused;
  screen.entry(
    'rows',
    `${about}${rowsText(rows(estimate.lines))}`,
    `${counted(rows(toGenerate))} to generate`,
    ...(reused > 0 ? [`${counted(rows(reused))} answered by an earlier file, not paid again`] : []),
    ...(refused > 0 ? [screen.attention(`${counted(rows(refused))} with faults`)] : []),
  );
  for (const { code, count, lines } of estimate.errors)
    screen.entry('', `${screen.attention(reasonOf(code))}: ${linesText(rangesOf(lines), count)}`);
  if (estimate.error)
    screen.entry('not a file', screen.bad(`${estimate.error.code}: ${estimate.error.message}`));
  if (toGenerate > 0) {
    screen.entry(
      'model',
      ...models.map(({ model, generations }) => `${model} (${counted(rows(generations))})`),
    );
    screen.entry('tokens', rangeText(estimate.tokens, counted));
    screen.entry('cost', costText(estimate));
    if (wall_time_ms)
      screen.entry(
        'time',
        rangeText(wall_time_ms, (ms) => duration(ms / 1000)),
      );
  }
  if (max_cost_usd) {
    const covers = { yes: 'covers it', maybe: 'may not cover it', no: 'does not cover it' }[
      max_cost_usd.covers
    ];
    screen.entry('limit', `${dollars(max_cost_usd.limit)} ${covers}`);
  }
  if (budget && budget.fits !== 'yes') {
    const fits = budget.fits === 'no' ? 'does not cover it' : 'may not cover it';
    screen.entry(
      'budget',
      screen.attention(`that of today ${fits}: rows beyond it wait until ${localTime(budget.resets_at)}`),
    );
  }
  const [preview] = estimate.previews;
  if (preview) screen.entry('first prompt', `“${preview.text.replace(/\s+/g, ' ').trim()}”`);
};

const costText = ({ cost_usd, unpriced }: FileEstimate): string =>
  cost_usd === null
    ? `not known: the price of ${unpriced.join(', ')} is not (docs/models.md#prices)`
    : rangeText(cost_usd, dollars);

/** `typically 12, at least 10, at most 40`. */
const rangeText = ({ low, typical, high }: Range, format: (value: number) => string): string => {
  const bounds = low === high ? format(high) : `${format(low)} to ${format(high)}`;
  return typical === null || low === high ? bounds : `typically ${format(typical)} (${bounds})`;
};
