import type { UsageReport } from '../../../client/index.ts';
import { dollars } from '../../../report/figures.ts';
import { Defined } from '../../parts/figure.tsx';
import { durationText, momentText } from './moments.ts';

type Budget = NonNullable<UsageReport['budget']>;
type Part = NonNullable<Budget['tokens']>;

/** A part of the budget that is nearly used up is red. */
const LITTLE = 0.1;

/** The rest of a day's budget; says so where none is set. */
export const BudgetLeft = ({ budget }: { budget: UsageReport['budget'] }) =>
  budget === null ? (
    <p class="muted small">No daily budget is set.</p>
  ) : (
    <section class="card" aria-labelledby="budget">
      <header>
        <h2 id="budget">Budget left today</h2>
        <span class="muted small end">
          resets {momentText(budget.resets_at)}, in{' '}
          {durationText((Date.parse(budget.resets_at) - Date.now()) / 1000)}
        </span>
      </header>
      <div class="budgets">
        <Bar title="Tokens" part={budget.tokens} format={tokensText} />
        <Bar title="Cost" part={budget.cost_usd} format={dollars} />
      </div>
    </section>
  );

export const tokensText = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: 0 });

const Bar = ({
  title,
  part,
  format,
}: {
  title: string;
  part: Part | null;
  format: (value: number) => string;
}) => {
  if (part === null)
    return (
      <div>
        <h3>{title}</h3>
        <p class="muted">not limited</p>
      </div>
    );
  const { limit, used, left } = part;
  const share = limit > 0 ? Math.min(1, Math.max(0, left / limit)) : 0;
  return (
    <div>
      <h3>{title}</h3>
      <p>
        <b class="number">{format(Math.max(0, left))}</b>{' '}
        <span class="muted">
          of {format(limit)} left;{' '}
          <Defined definition="Includes what runs under way have reserved.">used</Defined> {format(used)}
        </span>
      </p>
      <div class={share < LITTLE ? 'bar-of little' : 'bar-of'} aria-hidden="true">
        <div style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
};
