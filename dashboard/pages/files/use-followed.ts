import { useEffect, useState } from 'preact/hooks';
import type { PromptFile } from '../../../client/index.ts';
import { everytoken } from '../../api.ts';
import { followOn } from '../../parts/follow.ts';

/** Files that are followed at once. Others are shown as the list had them, until one of these has ended. */
const MOST = 4;

/** The newest state of files under way, by their ids, for as long as the component is shown. `onEnd`: one has ended. */
export const useFollowed = (ids: readonly string[], onEnd: () => void): ReadonlyMap<string, PromptFile> => {
  const followed = ids.slice(0, MOST);
  const [files, setFiles] = useState<ReadonlyMap<string, PromptFile>>(new Map());
  useEffect(() => {
    const aborter = new AbortController();
    const follow = async (id: string): Promise<void> => {
      for await (const file of everytoken().files.watch(id, { signal: aborter.signal }))
        setFiles((before) => new Map(before).set(id, file));
      if (!aborter.signal.aborted) onEnd();
    };
    // A file that can no longer be followed stays as the list had it.
    for (const id of followed)
      void followOn(
        () => follow(id),
        aborter.signal,
        () => {},
      );
    return () => aborter.abort();
  }, [followed.join()]);
  return files;
};
