import type { ComparisonEstimate, ComparisonRequest } from '../../../../client/index.ts';
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
  screen.entry('can find', findable(blocks));
  if (budget && budget.fits !== 'yes')
    screen.entry(
      'budget',
      screen.attention(
        `that of today ${budget.fits === 'no' ? 'does not cover it' : 'may not cover it'}; it begins anew at ${localTime(budget.resets_at)}`,
      ),
    );
};

/** The differences that so many blocks find between two settings, by the simulations in docs/comparisons.md ("How often it is right"). */
const findable = (blocks: number): string => {
  if (blocks < 6) return 'nothing: six blocks are needed, and twenty or more are better (--samples)';
  if (blocks < 20) return 'large differences: a doubled total time in 6 of 10 comparisons of 8 blocks';
  if (blocks < 60)
    return 'a doubled total time nearly always, one longer by half in 9 of 10 comparisons of 20 blocks';
  return 'a total time longer by half nearly always, one longer by a fifth in 7 of 10 comparisons of 60 blocks';
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
