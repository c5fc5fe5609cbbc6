import type { FileEstimate } from '../../../client/index.ts';
import { dollars } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { linesText, reasonOfLines, remedyOfFile } from '../../files/reasons.ts';
import { countText, durationText, rangeText } from '../../files/words.ts';
import { When } from '../../parts/when.tsx';

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Of a part, digits beyond two tell nothing. */
const rowsOf = (value: number, isComplete: boolean): number =>
  isComplete ? value : Number(value.toPrecision(2));

const COVERS = { yes: 'covers it', maybe: 'may not cover it', no: 'does not cover it' };

/** The estimate of a file, and the lines that cannot be generated. */
export const Estimate = ({
  estimate,
  needsTemplate,
}: {
  estimate: FileEstimate;
  /** Neither a column nor a template makes the prompts: not yet written is no fault. */
  needsTemplate: boolean;
}) => {
  const { accepted, reused, refused, complete, budget, max_cost_usd, wall_time_ms, cost_usd } = estimate;
  const rows = (value: number) => rowsOf(value, complete);
  const toGenerate = accepted - reused;
  if (needsTemplate)
    return (
      <p>
        Write the template above to go on: it makes each row a prompt. A column named <code>prompt</code> does
        so, too.
      </p>
    );
  return (
    <>
      {estimate.error && (
        <p class="bad">
          {shownLine(estimate.error.message)} <b>{remedyOfFile(estimate.error.code)}</b>
        </p>
      )}
      <dl class="facts">
        <dt>Rows</dt>
        <dd>
          {complete ? '' : 'about '}
          {countText(rows(estimate.lines), 'row')}, {whole(rows(toGenerate))} to generate
          {reused > 0 && `, ${whole(rows(reused))} answered by an earlier file and not paid again`}
        </dd>
        {estimate.errors.map(({ code, count, lines }) => {
          const { what, remedy } = reasonOfLines(code);
          return [
            <dt key={`${code}-name`} class="bad">
              {countText(rows(count), 'fault')}
            </dt>,
            <dd key={code}>
              {linesText(lines, count)}: {what}. <span class="muted">{remedy}</span>
            </dd>,
          ];
        })}
        {refused > 0 &&
          estimate.errors.length === 0 && [
            <dt key="refused">Faults</dt>,
            <dd key="rows">{whole(refused)}</dd>,
          ]}
        {toGenerate > 0 && (
          <>
            <dt>Model</dt>
            <dd>
              {estimate.models.map(({ model, generations }) => (
                <span key={model} class="model">
                  <bdi>{shownLine(model)}</bdi> ({countText(rows(generations), 'answer')})
                </span>
              ))}
            </dd>
            <dt>Tokens</dt>
            <dd>{rangeText(estimate.tokens, whole)}</dd>
            <dt>Cost</dt>
            <dd>
              {cost_usd === null
                ? `not known: there is no price for ${estimate.unpriced.map(shownLine).join(', ')}`
                : rangeText(cost_usd, dollars)}
            </dd>
            {wall_time_ms && (
              <>
                <dt>Time</dt>
                <dd>{rangeText(wall_time_ms, (ms) => durationText(ms / 1000))}</dd>
              </>
            )}
          </>
        )}
        {max_cost_usd && (
          <>
            <dt>Limit</dt>
            <dd class={max_cost_usd.covers === 'no' ? 'bad' : ''}>
              {dollars(max_cost_usd.limit)} {COVERS[max_cost_usd.covers]}
            </dd>
          </>
        )}
        {budget && (
          <>
            <dt>Budget</dt>
            <dd class={budget.fits === 'no' ? 'bad' : ''}>
              that of today {COVERS[budget.fits]}
              {budget.fits !== 'yes' && (
                <>
                  ; rows beyond it wait until <When at={budget.resets_at} />
                </>
              )}
            </dd>
          </>
        )}
      </dl>
      {toGenerate > 0 && (
        <details class="small muted">
          <summary>What this rests on</summary>
          <ul>
            {estimate.based_on.map((sentence) => (
              <li key={sentence}>{shownLine(sentence)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
};
