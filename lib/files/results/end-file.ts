import { DUE } from '../../runs/due.ts';
import type { FileLease } from '../lease.ts';
import type { PromptFile } from '../prompt-file.ts';
import type { AssembleDeps } from './assemble-deps.ts';
import { emitFileCompleted, publishNewest } from './publish-results.ts';
import { contentTypeOf, resultKey } from './results.ts';
import type { Totals } from './summary.ts';

/** Ends a file whose result lines are written: its summary, then FILE, then what the world is told. */
export const endFile = async (
  { file, token }: FileLease,
  status: 'completed' | 'completed_with_errors' | 'failed',
  totals: Totals,
  error: PromptFile['error'],
  deps: AssembleDeps,
): Promise<void> => {
  const summary = `${JSON.stringify(totals.summary({ ...file, status, error }), null, 2)}\n`;
  await deps.content.put(resultKey(file, '.summary.json'), summary, contentTypeOf('.summary.json'));
  const now = deps.clock.now();
  const ended = await deps.files.change(
    file.id,
    {
      status,
      error,
      endedAt: new Date(now).toISOString(),
      lease: null,
      pending: true,
      dueAt: now + DUE.pending,
      dueTries: 0,
    },
    { status: [file.status], leaseToken: token },
  );
  if (!ended) return;
  deps.log.info(`file.${status}`, { file_id: file.id, lines: ended.lines, code: error?.code });
  await publishNewest(ended, deps);
  await emitFileCompleted(ended, deps);
};
