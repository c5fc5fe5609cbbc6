import { UNKNOWN } from '../../../report/figures.ts';
import { CHARTED, type Sums, type UsageFigure } from './usage-figures.ts';
import { UsageTerm } from './usage-table.tsx';

/** The sums of the whole period. */
export const Totals = ({ total }: { total: Sums }) => (
  <dl class="figures totals">
    {CHARTED.map((figure) => {
      const value = figure.of(total);
      return (
        <div key={figure.name} class="figure">
          <dt>
            <UsageTerm figure={figure} hasUnit={false} />
          </dt>
          <dd>
            {value === null ? UNKNOWN : figure.format(value)}
            {value !== null && figure.unit !== undefined && <span class="unit">{figure.unit}</span>}
          </dd>
          <dd class="note">{noteOf(figure, total)}</dd>
        </div>
      );
    })}
  </dl>
);

const percent = (part: number, of: number): string =>
  of === 0 ? '' : `${((part / of) * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })}%`;

const counted = (n: number): string => n.toLocaleString('en-US');

const noteOf = ({ name }: UsageFigure, total: Sums): string => {
  if (name === 'tokens') return `${counted(total.prompt_tokens)} in, ${counted(total.completion_tokens)} out`;
  if (name === 'cost_usd')
    return total.unpriced === 0 ? 'all outputs priced' : `${counted(total.unpriced)} unpriced`;
  if (name === 'requests')
    return `${counted(total.generations)} ${total.generations === 1 ? 'output' : 'outputs'}`;
  if (name === 'failed_requests') return percent(total.failed_requests, total.requests);
  return name === 'mean_ttft_ms' ? 'mean, cold and warm' : '';
};
