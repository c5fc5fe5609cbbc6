import { useEffect, useState } from 'preact/hooks';
import type { PromptFile } from '../../../client/index.ts';
import { apiKey, everytoken } from '../../api.ts';
import { followOn } from '../../parts/follow.ts';

export type FollowedFile = {
  file: PromptFile | undefined;
  error: unknown;
  /** Reads it once more, and follows it if it goes on. */
  reload: () => void;
};

const LOOK_MS = 1_000;
/** Links to results are read anew this long before they expire. */
const BEFORE_EXPIRY_MS = 60_000;

/** A file, followed until it has ended; the links to its results stay valid for as long as it is shown. */
export const useFile = (id: string): FollowedFile => {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ id: string; file?: PromptFile; error?: unknown }>({ id });
  const reload = (): void => setTurn((before) => before + 1);
  useEffect(() => {
    const aborter = new AbortController();
    const follow = async (): Promise<void> => {
      for await (const file of everytoken().files.watch(id, { everyMs: LOOK_MS, signal: aborter.signal }))
        setState({ id, file });
    };
    void followOn(follow, aborter.signal, (error) => setState((before) => ({ ...before, id, error })));
    return () => aborter.abort();
  }, [id, turn, apiKey.value]);
  const file = state.id === id ? state.file : undefined;
  const expiresAt = file?.downloads?.expires_at;
  useEffect(() => {
    if (expiresAt === undefined) return;
    const restMs = Date.parse(expiresAt) - Date.now() - BEFORE_EXPIRY_MS;
    const timer = setTimeout(reload, Math.max(BEFORE_EXPIRY_MS, restMs));
    return () => clearTimeout(timer);
  }, [expiresAt]);
  return { file, error: state.id === id ? state.error : undefined, reload };
};
