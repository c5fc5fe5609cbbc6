import { useState } from 'preact/hooks';
import type { Comparison } from '../../../client/index.ts';
import { counted } from '../../../report/figures.ts';
import { everytoken } from '../../api.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/states.tsx';

/** How far it is, and how to stop it. */
export const Progress = ({ comparison: { id, status, progress, stopped } }: { comparison: Comparison }) => {
  const [isAsked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const cancel = async (): Promise<void> => {
    setAsked(true);
    setError(undefined);
    try {
      await everytoken().comparisons.cancel(id);
    } catch (failure) {
      setError(failure);
      setAsked(false);
    }
  };
  const { blocks, done, generations, completed, failed } = progress;
  return (
    <section class="card progress" aria-label="Progress">
      <div class="row">
        <progress max={blocks} value={done} aria-label="Blocks done" />
        <span class="number">
          {done.toLocaleString('en-US')} of {counted(blocks, 'block')}
        </span>
        <span class="muted small number">
          {completed.toLocaleString('en-US')} of {counted(generations, 'answer')}
          {failed > 0 && <span class="bad">, {failed.toLocaleString('en-US')} failed</span>}
        </span>
        {status === 'generating' && (
          <button type="button" class="button end" disabled={isAsked || stopped !== null} onClick={cancel}>
            <Icon name="stop" />
            {isAsked || stopped !== null ? 'Stopping…' : 'Cancel'}
          </button>
        )}
      </div>
      {status === 'generated' && (
        <p class="muted small">
          Every answer is there; their vectors follow, and with them the diversity and the verdict.
        </p>
      )}
      {stopped !== null && (
        <p class="muted small">
          Blocks that had not begun will not; those under way have half a minute to finish.
        </p>
      )}
      {error !== undefined && <Failure error={error} what="It could not be cancelled" />}
    </section>
  );
};
