import { useState } from 'preact/hooks';
import type { Comparison } from '../../../client/index.ts';
import { comparisonData, hasEnded } from '../../../report/comparison-data.ts';
import { hrefOf } from '../../address.ts';
import { baseUrl, everytoken } from '../../api.ts';
import { draftQuery } from '../../comparison-request/address.ts';
import { draftOf } from '../../comparison-request/draft.ts';
import { rowOf } from '../../comparison-request/settings.ts';
import { wayOn } from '../../location.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { saveFile } from '../../parts/save.ts';
import { reasonOf } from '../../parts/states.tsx';
import { readRows } from './answers.ts';

const LIMIT_MS = 120_000;

/** Downloads the report, builds another one like it, deletes it. */
export const Actions = ({ comparison, onDelete }: { comparison: Comparison; onDelete: () => void }) => {
  const [busy, setBusy] = useState<'report' | 'copy' | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [isAsking, setAsking] = useState(false);
  const work = async (
    what: 'report' | 'copy',
    act: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> => {
    if (busy !== undefined) return;
    setBusy(what);
    setFailure(undefined);
    try {
      await act(AbortSignal.timeout(LIMIT_MS));
    } catch (error) {
      setFailure(reasonOf(error));
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <div class="end">
      {failure !== undefined && (
        <span class="bad small" role="alert">
          {failure}
        </span>
      )}
      <button
        type="button"
        class="button"
        aria-disabled={busy !== undefined}
        onClick={() => work('copy', (signal) => buildAgain(comparison, signal))}
      >
        <Icon name="copy" />
        {busy === 'copy' ? 'Reading…' : 'Build one like it'}
      </button>
      {hasEnded(comparison) && (
        <button
          type="button"
          class="button"
          aria-disabled={busy !== undefined}
          onClick={() => work('report', (signal) => downloadReport(comparison, signal))}
        >
          <Icon name="down" />
          {busy === 'report' ? 'Making it…' : 'Download the report'}
        </button>
      )}
      <button type="button" class="button danger" onClick={() => setAsking(true)}>
        <Icon name="trash" />
        Delete
      </button>
      {isAsking && <Confirm id={comparison.id} onClose={() => setAsking(false)} onDelete={onDelete} />}
    </div>
  );
};

/** The report of the command line, made in this page and saved as one file. */
const downloadReport = async (comparison: Comparison, signal: AbortSignal): Promise<void> => {
  const [{ comparisonReport }, rows] = await Promise.all([
    import('../../../report/comparison-report.ts'),
    readRows(comparison, { texts: true }, signal),
  ]);
  const text = await comparisonReport({ comparison, rows, deployment: baseUrl, document });
  saveFile(new Blob([text], { type: 'text/html' }), `${comparison.id}.html`);
};

/** Opens the builder with the same request; its checks are not kept with a comparison. */
const buildAgain = async (comparison: Comparison, signal: AbortSignal): Promise<void> => {
  const go = wayOn();
  const rows = await readRows(comparison, { texts: true }, signal);
  const { request } = comparisonData({ comparison, rows });
  go(hrefOf(['compare'], draftQuery(draftOf(request, rowOf), Number.POSITIVE_INFINITY)));
};

const Confirm = ({ id, onClose, onDelete }: { id: string; onClose: () => void; onDelete: () => void }) => {
  const [error, setError] = useState<unknown>(undefined);
  const [isGoing, setGoing] = useState(false);
  const remove = async (): Promise<void> => {
    setGoing(true);
    setError(undefined);
    try {
      const go = wayOn();
      await everytoken().comparisons.delete(id);
      onDelete();
      go(hrefOf(['compare']));
    } catch (failure) {
      setError(failure);
      setGoing(false);
    }
  };
  return (
    <Dialog title="Delete this comparison?" onClose={onClose}>
      <div class="stack">
        <p>
          Its runs, outputs, vectors and results are deleted, too. That cannot be undone. Its usage stays
          counted.
        </p>
        {error !== undefined && (
          <p class="bad" role="alert">
            {reasonOf(error)}
          </p>
        )}
        <div class="row">
          <button type="button" class="button danger" disabled={isGoing} onClick={remove}>
            {isGoing ? 'Deleting…' : 'Delete it'}
          </button>
          <button type="button" class="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </div>
    </Dialog>
  );
};
