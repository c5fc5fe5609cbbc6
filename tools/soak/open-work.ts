import type { Ledger } from './ledger.ts';
import { ENDED, FILE_ENDED, readItems } from './read-state.ts';
import type { StackClients } from './stack-clients.ts';

/** What has work left, in words; empty when nothing has. */
export const openWork = async (clients: StackClients, ledger: Ledger): Promise<string> => {
  const { runs, files } = await readItems(clients);
  const counts = new Map<string, number>();
  const add = (what: string, times = 1) => times > 0 && counts.set(what, (counts.get(what) ?? 0) + times);
  for (const run of runs.values()) {
    if (!ENDED.includes(run.status)) add(`${run.status} runs`);
    else if (run.pending) add('unsent events');
  }
  for (const file of files) if (!FILE_ENDED.includes(file.status)) add(`${file.status} files`);
  const seen = new Set(files.map(({ key }) => key));
  add('files not yet seen', [...ledger.files.keys()].filter((key) => !seen.has(key)).length);
  add('answers', ledger.unanswered.size);
  return [...counts].map(([what, times]) => `${times} ${what}`).join(', ');
};
