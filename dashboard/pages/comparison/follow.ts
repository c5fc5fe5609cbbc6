import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Comparison } from '../../../client/index.ts';
import { apiKey, everytoken } from '../../api.ts';
import { followOn } from '../../parts/follow.ts';
import type { Loaded } from '../../parts/load.ts';

/** A comparison as it is now, until it has ended or the reader goes elsewhere. */
export const useFollowed = (id: string, isDeleted: boolean): Loaded<Comparison> => {
  const [value, setValue] = useState<Comparison | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (isDeleted) return;
    const aborter = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const comparison of everytoken().comparisons.watch(id, { signal: aborter.signal })) {
        setError(undefined);
        setValue(comparison);
      }
    };
    setError(undefined);
    void followOn(follow, aborter.signal, setError);
    return () => aborter.abort();
  }, [id, turn, isDeleted, apiKey.value]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { value, error, isLoading: value === undefined && error === undefined, reload };
};
