import type { PromptFile } from '../../../client/index.ts';
import { dollars } from '../../../report/figures.ts';
import { rangeText } from '../../files/words.ts';
import { Term } from '../../parts/figure.tsx';

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** The cost of the file beside its estimate. */
export const Cost = ({ file }: { file: PromptFile }) => {
  const { paid_usd, reused_cost_usd, cost_usd, estimate, usage, max_cost_usd, dry_run } = file;
  return (
    <section class="card" aria-label="Cost">
      <header>
        <h2>
          <Term name="cost_usd" />
        </h2>
      </header>
      <dl class="facts">
        <dt>Paid{file.ended_at === null && ' so far'}</dt>
        <dd class="paid">{dollars(dry_run ? 0 : paid_usd)}</dd>
        {!!reused_cost_usd && (
          <>
            <dt>Reused</dt>
            <dd>
              {dollars(reused_cost_usd)} was paid by an earlier file; all answers together cost{' '}
              {dollars(cost_usd)}
            </dd>
          </>
        )}
        {estimate && (
          <>
            <dt>Estimated</dt>
            <dd>
              {estimate.cost_usd === null
                ? 'not known: a price is not'
                : rangeText(estimate.cost_usd, dollars)}
            </dd>
            <dt>Tokens estimated</dt>
            <dd>{rangeText(estimate.tokens, whole)}</dd>
          </>
        )}
        <dt>Tokens used</dt>
        <dd>
          {whole(usage.prompt_tokens + usage.completion_tokens)}: {whole(usage.prompt_tokens)} of prompts,{' '}
          {whole(usage.completion_tokens)} of answers
        </dd>
        {max_cost_usd !== null && (
          <>
            <dt>Limit</dt>
            <dd>{dollars(max_cost_usd)}</dd>
          </>
        )}
      </dl>
    </section>
  );
};
