import { useEffect, useState } from 'preact/hooks';
import type { Run } from '../../../client/index.ts';
import { everytoken } from '../../api.ts';
import { followOn } from '../../parts/follow.ts';
import { type Loaded, useLoad } from '../../parts/load.ts';

/** Whether something of it is still to come: its texts, or its place in the search. */
const isOpen = ({ status }: Run): boolean =>
  status === 'queued' || status === 'generating' || status === 'generated';

/** The long poll tells the end alone; outputs that are ready before, and the step from queued, are read at intervals. */
const PROGRESS_MS = 5_000;

/** A run, which is followed by long polls until nothing of it is still to come. */
export const useRun = (id: string): Loaded<Run> => {
  const read = useLoad((signal) => everytoken().runs.get(id, { signal }), [id]);
  const [latest, setLatest] = useState<Run | undefined>(undefined);
  const run = latest ?? read.value;
  const status = run?.status;
  useEffect(() => {
    if (run === undefined || !isOpen(run)) return;
    const aborter = new AbortController();
    const until = run.status === 'generated' ? 'completed' : 'generated';
    const follow = async (): Promise<void> =>
      setLatest(await everytoken().runs.wait(id, { until, signal: aborter.signal }));
    const look = async (): Promise<void> => {
      if (document.hidden || run.status === 'generated') return;
      const now = await everytoken()
        .runs.get(id, { signal: aborter.signal, maxRetries: 0 })
        .catch(() => undefined); // the long poll goes on
      if (now !== undefined && !aborter.signal.aborted) setLatest(now);
    };
    const progress = setInterval(look, PROGRESS_MS);
    // A run may take longer than one wait, and the connection may come back.
    void followOn(follow, aborter.signal, () => {});
    return () => {
      aborter.abort();
      clearInterval(progress);
    };
  }, [id, status]);
  return {
    ...read,
    value: run,
    reload: () => {
      setLatest(undefined);
      read.reload();
    },
  };
};
