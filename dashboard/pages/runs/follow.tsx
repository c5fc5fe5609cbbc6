import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { changeQuery } from '../../location.ts';
import { whileSeen } from '../../parts/while-seen.ts';
import type { RunListStore } from './run-list.ts';

const EVERY_MS = 3_000;

/** Looks for changes every three seconds, while the page is seen. */
export const useFollow = (
  list: RunListStore,
  isOn: boolean,
  sight: RefObject<{ first: number; last: number }>,
): void => {
  useEffect(() => {
    if (!isOn) return;
    const look = async (): Promise<void> => {
      const { first, last } = sight.current;
      try {
        await list.poll(list.runs.peek().slice(first, last + 1), !isReading());
      } catch {
        // The next turn tries again; the bar says what does not answer.
      }
    };
    return whileSeen(look, EVERY_MS);
  }, [list, isOn]);
};

/** Whether rows must stay where they are: the reader has scrolled, points at one, or has the focus on one. */
const isReading = (): boolean => {
  const table = document.querySelector('.runs tbody');
  if (table === null) return false;
  return scrollY > 0 || table.matches(':hover') || table.contains(document.activeElement);
};

export const Follow = ({ isOn, canFollow }: { isOn: boolean; canFollow: boolean }) => (
  <label
    class="check"
    data-tip={
      canFollow
        ? 'Shows new runs and changes every 3 s while this page is seen.'
        : 'Only a list with the newest first can be followed.'
    }
  >
    <input
      type="checkbox"
      checked={isOn}
      disabled={!canFollow}
      onChange={({ currentTarget }) => changeQuery({ follow: currentTarget.checked ? null : 'off' })}
    />
    Follow
  </label>
);

/** Says that new runs wait, where showing them would move what is read. */
export const NewRuns = ({ list }: { list: RunListStore }) => {
  const waiting = list.waiting.value;
  if (waiting !== 'many' && waiting.length === 0) return null;
  const show = (): void => {
    if (waiting === 'many') changeQuery({ at: Date.now() });
    else list.show();
    scrollTo({ top: 0 });
    document.getElementById('page')?.focus({ preventScroll: true });
  };
  return (
    <button type="button" class="button primary new-runs" onClick={show}>
      {waiting === 'many'
        ? 'Many new runs'
        : `${waiting.length} new ${waiting.length === 1 ? 'run' : 'runs'}`}
    </button>
  );
};
