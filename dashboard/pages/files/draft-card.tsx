import { useEffect } from 'preact/hooks';
import { ApiError, type FileEstimate } from '../../../client/index.ts';
import { shownLine, shownText } from '../../../report/shown-text.ts';
import type { FirstRows } from '../../files/first-rows.ts';
import { bytesText } from '../../files/formats.ts';
import { reasonOfLines } from '../../files/reasons.ts';
import { Icon } from '../../parts/icon.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { type Draft, firstRowsOfDraft } from './draft.ts';
import { Estimate } from './estimate.tsx';
import { useEstimate } from './use-estimate.ts';

export type Sending = { sent: number } | { error: unknown };

/** The state of a draft that its page needs: whether it can be generated, and the fields that the API refuses. */
export type Verdict = { isPending: boolean; canGenerate: boolean; toGenerate: number; error: unknown };

/** A chosen file: what it is, its first rows with the template filled, and what it would take. */
export const DraftCard = ({
  draft,
  defaults,
  variables,
  sending,
  onVerdict,
  onRemove,
}: {
  draft: Draft;
  defaults: { [name: string]: unknown };
  variables: ReadonlySet<string>;
  sending: Sending | undefined;
  onVerdict: (verdict: Verdict) => void;
  onRemove: () => void;
}) => {
  const { name, size, refused, beside } = draft;
  const rows = firstRowsOfDraft(draft, variables);
  return (
    <li class="card draft">
      <header>
        <h3>
          <bdi>{shownLine(name)}</bdi>
        </h3>
        <span class="muted small">
          {rows && `${rows.kind}, `}
          {bytesText(size)}
          {beside && '; defaults of its .defaults.json apply'}
        </span>
        <div class="end">
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Remove ${shownLine(name)}`}
            onClick={onRemove}
            disabled={sending !== undefined && 'sent' in sending}
          >
            <Icon name="close" />
          </button>
        </div>
      </header>
      {refused !== undefined || rows === undefined ? (
        <p class="bad">{refused}</p>
      ) : (
        <Preview draft={draft} defaults={defaults} rows={rows} onVerdict={onVerdict} />
      )}
      {sending && 'sent' in sending && (
        <label class="sending small">
          <progress
            value={sending.sent}
            max={Math.max(1, size)}
            aria-label={`Upload of ${shownLine(name)}`}
          />
          <span class="number">
            {bytesText(sending.sent)} of {bytesText(size)} uploaded
          </span>
        </label>
      )}
      {sending && 'error' in sending && <Failure error={sending.error} what="It was not uploaded" />}
    </li>
  );
};

const Preview = ({
  draft,
  defaults,
  rows,
  onVerdict,
}: {
  draft: Draft;
  defaults: { [name: string]: unknown };
  rows: FirstRows;
  onVerdict: (verdict: Verdict) => void;
}) => {
  const { estimate, error, isLoading } = useEstimate(draft, defaults);
  useEffect(() => {
    onVerdict({
      isPending: isLoading,
      canGenerate:
        estimate !== undefined &&
        !isLoading &&
        estimate.accepted > 0 &&
        !(estimate.error && estimate.complete),
      toGenerate: estimate ? estimate.accepted - estimate.reused : 0,
      error,
    });
  }, [estimate, error, isLoading]);
  return (
    <>
      {rows.rows.length > 0 && <Rows rows={rows} estimate={estimate} />}
      <div class={`estimate${isLoading ? ' waiting' : ''}`} aria-busy={isLoading}>
        {estimate && (
          <Estimate
            estimate={estimate}
            needsTemplate={
              estimate.error?.code === 'bad_header' &&
              defaults.prompt === undefined &&
              defaults.messages === undefined &&
              !rows.columns.includes('prompt')
            }
          />
        )}
        {error !== undefined && !isFieldFault(error) && <Failure error={error} what="There is no estimate" />}
        {error !== undefined && isFieldFault(error) && (
          <p class="bad">A field above is refused; there is no estimate until it is corrected.</p>
        )}
        {estimate === undefined && error === undefined && <Loading what="the estimate" />}
      </div>
    </>
  );
};

const isFieldFault = (error: unknown): boolean =>
  error instanceof ApiError && error.errors.some(({ path }) => path.startsWith('defaults'));

const Rows = ({ rows, estimate }: { rows: FirstRows; estimate: FileEstimate | undefined }) => {
  const previews = new Map(estimate?.previews.map(({ line, text }) => [line, text]));
  const faults = new Map(
    estimate?.errors.flatMap(({ code, lines }) => lines.map((line) => [line, code] as const)),
  );
  return (
    <Scroll label="First rows">
      <table class="first-rows">
        <thead>
          <tr>
            <th class="number">Line</th>
            {rows.columns.map((column) => (
              <th key={column}>
                <bdi>{shownLine(column)}</bdi>
              </th>
            ))}
            <th>Prompt as the model gets it</th>
          </tr>
        </thead>
        <tbody>
          {rows.rows.map(({ line, cells }) => (
            <tr key={line}>
              <td class="number muted">{line}</td>
              {cells.map((cell, at) => (
                <td key={rows.columns[at]}>
                  <bdi>{shownText(cell)}</bdi>
                </td>
              ))}
              <td class="filled">
                <Filled text={previews.get(line)} code={faults.get(line)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
};

const Filled = ({ text, code }: { text: string | undefined; code: string | undefined }) => {
  if (text !== undefined) return <bdi>{shownText(text)}</bdi>;
  if (code !== undefined) return <span class="bad">{reasonOfLines(code).what}</span>;
  return <span class="muted">…</span>;
};
