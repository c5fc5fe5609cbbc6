import { useState } from 'preact/hooks';
import type { Run } from '../../../client/index.ts';
import { hrefOf } from '../../address.ts';
import { apiKey, baseUrl, everytoken } from '../../api.ts';
import { wayOn } from '../../location.ts';
import { Copy } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/states.tsx';
import { clientCodeOf, curlOf } from '../../request-code.ts';
import { lacksTools, requestOf } from '../../request-of-run.ts';

/** Stop it, ask it again, or delete it. */
export const Actions = ({ run, reload }: { run: Run; reload: () => void }) => {
  const [isDeleting, setDeleting] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const body = requestOf(run);
  const hasKey = apiKey.value !== '';
  const cancel = (): void => {
    setError(undefined);
    everytoken().runs.cancel(run.id).then(reload, setError);
  };
  return (
    <>
      {body !== undefined && (
        <>
          <a class="button" href={hrefOf(['playground'], { from: run.id })}>
            <Icon name="play" />
            Run again
          </a>
          <Copy label="Copy as curl" text={() => curlOf(body, baseUrl, hasKey)} />
          <Copy label="Copy as code" text={() => clientCodeOf(body, baseUrl, hasKey)} />
        </>
      )}
      {body !== undefined && lacksTools(run) && (
        <span class="muted small" data-tip="A run reports its tools by name and hash alone.">
          Copies lack its tools
        </span>
      )}
      {(run.status === 'queued' || run.status === 'generating') && (
        <button type="button" class="button" onClick={cancel}>
          <Icon name="stop" />
          Cancel
        </button>
      )}
      <button type="button" class="button danger" onClick={() => setDeleting(true)}>
        <Icon name="trash" />
        Delete
      </button>
      {error !== undefined && <Failure error={error} what="The run was not cancelled" />}
      {isDeleting && <DeleteDialog run={run} onClose={() => setDeleting(false)} />}
    </>
  );
};

const DeleteDialog = ({ run, onClose }: { run: Run; onClose: () => void }) => {
  const [error, setError] = useState<unknown>(undefined);
  const [isBusy, setBusy] = useState(false);
  const remove = (): void => {
    setBusy(true);
    const go = wayOn();
    everytoken()
      .runs.delete(run.id)
      .then(
        () => go(hrefOf(['runs']), { replace: true }),
        (cause: unknown) => {
          setError(cause);
          setBusy(false);
        },
      );
  };
  return (
    <Dialog title="Delete this run?" onClose={onClose}>
      <div class="stack">
        <p>Its prompt, outputs, traces and vectors are deleted. Nobody can bring them back.</p>
        {error !== undefined && <Failure error={error} what="The run was not deleted" />}
        <div class="row">
          <button type="button" class="button danger" onClick={remove} disabled={isBusy}>
            <Icon name="trash" />
            {isBusy ? 'Deleting' : 'Delete it'}
          </button>
          <button type="button" class="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </div>
    </Dialog>
  );
};
