import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiKey } from '../api.ts';

/** The state of a reading: nothing yet, a value, or the reason why there is none. */
export type Loaded<T> = {
  value: T | undefined;
  error: unknown;
  /** Whether a request is under way; an earlier value stays meanwhile. */
  isLoading: boolean;
  /** Reads once more, and keeps the value until the new one is there. */
  reload: () => void;
};

type Reading<T> = { key: string; value?: T; error?: unknown; isLoading: boolean };

/**
 * Reads something from the API when the component appears, when a key changes, and for another API key. A request that
 * nobody waits for any more is aborted.
 *
 * @param keys what the request depends on, compared as JSON
 */
export const useLoad = <T>(
  load: (signal: AbortSignal) => Promise<T>,
  keys: readonly unknown[],
): Loaded<T> => {
  const key = JSON.stringify([...keys, apiKey.value]);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Reading<T>>({ key, isLoading: true });
  const latest = useRef(load);
  latest.current = load;
  // `turn` asks for one more reading.
  useEffect(() => {
    const aborter = new AbortController();
    setState((before) => (before.key === key ? { ...before, isLoading: true } : { key, isLoading: true }));
    latest
      .current(aborter.signal)
      .then((value) => setState({ key, value, isLoading: false }))
      .catch((error: unknown) => {
        if (!aborter.signal.aborted) setState((before) => ({ ...before, key, error, isLoading: false }));
      });
    return () => aborter.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const current: Reading<T> = state.key === key ? state : { key, isLoading: true };
  return { value: current.value, error: current.error, isLoading: current.isLoading, reload };
};
