import { useEffect, useRef } from 'preact/hooks';
import type { ComparisonEstimate, ComparisonRequest } from '../../../client/index.ts';
import { ApiError } from '../../../client/index.ts';
import { findableText } from '../../../report/comparison-words.ts';
import { counted, dollars } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { sizeOf } from '../../comparison-request/problems.ts';
import { spanText } from '../../parts/duration.ts';
import type { Loaded } from '../../parts/load.ts';
import { reasonOf } from '../../parts/states.tsx';

type Range = ComparisonEstimate['tokens'];

/** The tokens, cost and time that the comparison would take, and its start. */
export const EstimatePanel = ({
  request,
  estimate,
  isCurrent,
  wrong,
  isSending,
}: {
  request: ComparisonRequest;
  estimate: Loaded<ComparisonEstimate | undefined>;
  /** Whether the estimate is of the request as it is now. */
  isCurrent: boolean;
  /** Faults that belong to no control of the form. */
  wrong: string | undefined;
  isSending: boolean;
}) => {
  const size = sizeOf(request);
  // The last one stays, pale, until the next is there.
  const last = useRef<ComparisonEstimate | undefined>(undefined);
  useEffect(() => {
    if (estimate.value) last.current = estimate.value;
  }, [estimate.value]);
  const shown = estimate.value ?? last.current;
  const isPale = !isCurrent || estimate.value === undefined;
  return (
    <aside class="card estimate" aria-label="Estimate">
      <p class="size">
        {counted(request.settings.length, 'setting')} × {counted(request.prompts.length, 'prompt')} ×{' '}
        {typeof request.samples === 'number' ? counted(request.samples, 'sample') : 'samples'}
      </p>
      <p class="muted small">
        {size === undefined
          ? 'Say how many samples.'
          : `${counted(size.generations, 'answer')} in ${counted(size.blocks, 'block')}`}
      </p>
      <dl class={`facts${isPale ? ' pale' : ''}`}>
        <dt>Cost</dt>
        <dd class="number">{shown ? costText(shown) : '–'}</dd>
        <dt>Tokens</dt>
        <dd class="number">{shown ? rangeText(shown.tokens, (n) => n.toLocaleString('en-US')) : '–'}</dd>
        <dt>Time</dt>
        <dd class="number">{shown ? rangeText(shown.wall_time_ms, spanText) : '–'}</dd>
        <dt>Budget</dt>
        <dd class="number">{shown ? budgetText(shown) : '–'}</dd>
      </dl>
      <p class="small">
        <span class="muted">Can find </span>
        {size === undefined ? '–' : findableText(size.blocks)}
      </p>
      {wrong !== undefined && (
        <p class="wrong" role="alert">
          {shownLine(wrong)}
        </p>
      )}
      {estimate.error !== undefined && !(estimate.error instanceof ApiError) && (
        <p class="wrong">{reasonOf(estimate.error)}</p>
      )}
      <button type="submit" class="button primary" aria-disabled={isSending}>
        {isSending ? 'Starting…' : 'Start'}
      </button>
      {shown !== undefined && (
        <details class="small">
          <summary>Where the estimate comes from</summary>
          <ul class={`stack muted${isPale ? ' pale' : ''}`}>
            {shown.based_on.map((sentence) => (
              <li key={sentence}>
                <bdi>{shownLine(sentence)}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
      <p class="small muted">
        Its runs stand in <a href={hrefOf(['runs'])}>Runs</a>, too.
      </p>
    </aside>
  );
};

const rangeText = ({ low, typical, high }: Range, format: (value: number) => string) =>
  low === high ? (
    format(high)
  ) : (
    <>
      {typical !== null && <>{format(typical)}</>}
      <small class="bounds">
        {format(low)} to {format(high)}
      </small>
    </>
  );

const costText = ({ cost_usd, unpriced }: ComparisonEstimate) =>
  cost_usd === null ? (
    <>
      –<small class="bounds">no price of {unpriced.map(shownLine).join(', ')}</small>
    </>
  ) : (
    rangeText(cost_usd, dollars)
  );

const FITS = { yes: 'enough left today', maybe: 'may not be enough', no: 'not enough left today' } as const;

const budgetText = ({ budget }: ComparisonEstimate) =>
  budget === null ? (
    'no budget'
  ) : (
    <span class={budget.fits === 'no' ? 'bad' : undefined}>
      {FITS[budget.fits]}
      <small class="bounds">
        {[
          budget.tokens_left === null ? '' : `${budget.tokens_left.toLocaleString('en-US')} tokens`,
          budget.cost_usd_left === null ? '' : dollars(budget.cost_usd_left),
        ]
          .filter((piece) => piece !== '')
          .join(', ')}{' '}
        left
      </small>
    </span>
  );
