import { useEffect } from 'preact/hooks';
import type { Run } from '../../../client/index.ts';
import { counted } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Figure } from '../../parts/figure.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { When } from '../../parts/when.tsx';
import { Actions } from './actions.tsx';
import { figuresOf } from './outputs.ts';

const TITLE_CHARACTERS = 90;

/** The name and state of the run, and its figures as a whole. */
export const RunHeader = ({ run, reload }: { run: Run; reload: () => void }) => {
  const title = titleOf(run);
  useEffect(() => {
    document.title = `${title} · everytoken`;
  }, [title]);
  return (
    <>
      <header class="run-header">
        <div class="title">
          <h1>
            <bdi>{title}</bdi>
          </h1>
          <p class="muted small">
            <span role="status">
              <StatusBadge status={run.status} />
            </span>
            <When at={run.created_at} />
            <bdi>{shownLine(run.models.join(', '))}</bdi>
            <code>{run.id}</code>
          </p>
        </div>
        <div class="end">
          <Actions run={run} reload={reload} />
        </div>
      </header>
      <State run={run} />
      <RunFigures run={run} />
    </>
  );
};

const titleOf = ({ prompt, messages, store, id }: Run): string => {
  const asked = prompt ?? messages?.at(-1)?.content;
  if (asked === undefined) return store ? `Run ${id}` : 'A run whose texts are not stored';
  const line = shownLine(asked.slice(0, 4 * TITLE_CHARACTERS));
  if (line === '') return 'A run with an empty prompt';
  return line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS)}…` : line;
};

/** Says in a sentence that the run is under way, has failed, or keeps no texts. */
const State = ({ run }: { run: Run }) => {
  const ready = run.generations.length;
  return (
    <>
      {(run.status === 'queued' || run.status === 'generating') && (
        <p class="notice" role="status">
          {run.status === 'queued'
            ? 'It waits for its turn. '
            : `It is being generated${ready > 0 ? `; ${counted(ready, 'output')} can be read` : ''}. `}
          This page follows it.
        </p>
      )}
      {run.status === 'generated' && (
        <p class="notice" role="status">
          Its texts are there; they are being made ready for the search.
        </p>
      )}
      {run.status === 'cancelled' && (
        <p class="notice">It was cancelled. Outputs that were ready before are kept.</p>
      )}
      {!run.store && (
        <p class="notice">
          It was asked with <code>store: false</code>: once it has ended its prompt and texts are in no
          answer, and in no search. Its figures are kept.
        </p>
      )}
      {run.error !== null && (
        <p class="notice wrong" role="alert">
          <b>
            <code>{shownLine(run.error.code)}</code>
          </b>{' '}
          <bdi>{shownLine(run.error.message)}</bdi>
        </p>
      )}
    </>
  );
};

const RunFigures = ({ run }: { run: Run }) => {
  const { outputs, ttft_ms, tpot_ms, e2e_ms, longest_gap_ms } = figuresOf(run);
  const mean = outputs > 1 ? `mean of ${outputs}` : undefined;
  const sum = outputs > 1 ? `sum of ${outputs}` : undefined;
  return (
    <dl class="figures run-figures">
      <Figure name="ttft_ms" value={ttft_ms} note={mean} />
      <Figure name="tpot_ms" value={tpot_ms} note={mean} />
      <Figure name="e2e_ms" value={e2e_ms} note={mean} />
      <Figure name="longest_gap_ms" value={longest_gap_ms} note={outputs > 1 ? `of ${outputs}` : undefined} />
      <Figure name="prompt_tokens" value={run.usage.prompt_tokens} note={sum} />
      <Figure name="tokens" value={run.usage.completion_tokens} note={sum} />
      <Figure name="cost_usd" value={run.cost_usd} note={sum} />
      <Figure
        name="embedding_diversity"
        value={run.diversity?.embedding_diversity}
        note={run.diversity === null && outputs === 1 ? 'needs two' : undefined}
      />
    </dl>
  );
};
