import { useState } from 'preact/hooks';
import type { PromptFile } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { everytoken } from '../../api.ts';
import { wayOn } from '../../location.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/states.tsx';

type Action = 'retry' | 'stop' | 'delete';

const FAILED: { [Name in Action]: string } = {
  retry: 'The file was not retried',
  stop: 'The file was not stopped',
  delete: 'The file was not deleted',
};

/** Retry of the failed lines, stop, and deletion. Stop and deletion ask first, since neither can be taken back. */
export const Actions = ({ file, onChange }: { file: PromptFile; onChange: () => void }) => {
  const [asked, setAsked] = useState<Action | undefined>(undefined);
  const [busy, setBusy] = useState<Action | undefined>(undefined);
  const [failure, setFailure] = useState<{ action: Action; error: unknown } | undefined>(undefined);
  const { id, ended_at, counts, stopped, status } = file;
  const act = async (action: Action, call: () => Promise<void>): Promise<void> => {
    setBusy(action);
    setFailure(undefined);
    setAsked(undefined);
    try {
      await call();
    } catch (error) {
      setFailure({ action, error });
    } finally {
      setBusy(undefined);
    }
  };
  const retry = () =>
    act('retry', async () => {
      const go = wayOn();
      const retried = await everytoken().files.retry(id);
      go(hrefOf(['files', retried.id]));
    });
  const stop = () =>
    act('stop', async () => {
      await everytoken().files.stop(id);
      onChange();
    });
  const remove = () =>
    act('delete', async () => {
      const go = wayOn();
      await everytoken().files.remove(id);
      go(hrefOf(['files']));
    });
  const canRetry = ended_at !== null && (counts.failed > 0 || status === 'failed' || status === 'cancelled');
  return (
    <>
      <div class="end">
        {canRetry && (
          <button type="button" class="button primary" disabled={busy !== undefined} onClick={retry}>
            <Icon name="play" /> {busy === 'retry' ? 'Retrying' : 'Retry failed rows'}
          </button>
        )}
        {ended_at === null && (
          <button
            type="button"
            class="button"
            disabled={busy !== undefined || stopped !== null}
            onClick={() => setAsked('stop')}
          >
            <Icon name="stop" /> {stopped === null ? 'Stop' : 'Stopping'}
          </button>
        )}
        <button
          type="button"
          class="button danger"
          disabled={busy !== undefined}
          onClick={() => setAsked('delete')}
        >
          <Icon name="trash" /> {busy === 'delete' ? 'Deleting' : 'Delete'}
        </button>
      </div>
      {failure && <Failure error={failure.error} what={FAILED[failure.action]} />}
      {asked === 'stop' && (
        <Confirm
          title="Stop this file?"
          action="Stop it"
          onConfirm={stop}
          onClose={() => setAsked(undefined)}
          name={file.filename}
        >
          Lines that have not begun are not generated; those under way have half a minute. Answers so far are
          kept, and a retry goes on from there.
        </Confirm>
      )}
      {asked === 'delete' && (
        <Confirm
          title="Delete this file with everything of it?"
          action="Delete it"
          onConfirm={remove}
          onClose={() => setAsked(undefined)}
          name={file.filename}
        >
          Its prompts, results, runs, outputs and vectors are removed and cannot be brought back. A later
          version under the same name keeps its own. The usage stays counted.
        </Confirm>
      )}
    </>
  );
};

const Confirm = ({
  title,
  name,
  action,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  name: string;
  action: string;
  children: string;
  onConfirm: () => void;
  onClose: () => void;
}) => (
  <Dialog title={title} onClose={onClose}>
    <div class="stack">
      <p>
        <b>
          <bdi>{shownLine(name)}</bdi>
        </b>
      </p>
      <p class="muted">{children}</p>
      <div class="row">
        <button type="button" class="button danger" onClick={onConfirm}>
          {action}
        </button>
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
      </div>
    </div>
  </Dialog>
);
