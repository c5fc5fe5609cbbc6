import type { ComparisonEstimate, ComparisonRequest } from '../../../../client/index.ts';
import { findableText } from '../../../../report/comparison-words.ts';
import { CommandError } from '../../../command.ts';
import { printableLine, printableValue } from '../../../terminal/printable.ts';
import type { Screen } from '../../../terminal/screen.ts';
import { duration, localTime } from '../../../terminal/time.ts';
import { counted, countOf, dollars } from '../../../terminal/units.ts';

type Range = ComparisonEstimate['tokens'];

/** Prints what a comparison would take, and what it could find. */
export const showEstimate = (
  screen: Screen,
  answer: ComparisonEstimate,
  request: ComparisonRequest,
): void => {
  const { generations, blocks, tokens, cost_usd, unpriced, wall_time_ms, budget, settings } =
    printableValue(answer);
  screen.entry(
    'comparison',
    ...(request.name ? [printableLine(request.name)] : []),
    countOf(settings.length, 'setting'),
    `${countOf(blocks, 'block')} (prompts × samples)`,
    countOf(generations, 'answer'),
  );
  screen.entry(
    'settings',
    ...settings.map(({ label, model }) => (label === model ? label : `${label} (${model})`)),
  );
  screen.entry('tokens', rangeText(tokens, counted));
  screen.entry(
    'cost',
    cost_usd === null
      ? `not known: the price of ${unpriced.join(', ')} is not (docs/models.md#prices)`
      : rangeText(cost_usd, dollars),
  );
  screen.entry(
    'time',
    rangeText(wall_time_ms, (ms) => duration(ms / 1000)),
  );
  screen.entry('can find', `${findableText(blocks)}${blocks < 6 ? ' (--samples)' : ''}`);
  if (budget && budget.fits !== 'yes')
    screen.entry(
      'budget',
      screen.attention(
        `that of today ${budget.fits === 'no' ? 'does not cover it' : 'may not cover it'}; it begins anew at ${localTime(budget.resets_at)}`,
      ),
    );
};

/**
 * Refuses a comparison that may cost more than the limit.
 *
 * @throws {CommandError} also when the cost is not known
 */
export const requireCost = ({ cost_usd, unpriced }: ComparisonEstimate, limit: number | undefined): void => {
  if (limit === undefined) return;
  if (cost_usd === null)
    throw new CommandError(
      `the price of ${unpriced.join(', ')} is not known, so --max-cost-usd cannot be kept; set PRICES (docs/models.md), or leave it out`,
    );
  if (cost_usd.high > limit)
    throw new CommandError(
      `it may cost ${dollars(cost_usd.high)}, more than --max-cost-usd ${limit}; nothing was paid: lower --max-tokens or --samples`,
    );
};

const rangeText = ({ low, typical, high }: Range, format: (value: number) => string): string => {
  const bounds = low === high ? format(high) : `${format(low)} to ${format(high)}`;
  return typical === null || low === high ? bounds : `typically ${format(typical)} (${bounds})`;
};
