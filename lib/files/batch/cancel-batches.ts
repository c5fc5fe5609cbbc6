import { errorFields } from '../../observe/error-fields.ts';
import type { Log } from '../../observe/log.ts';
import type { PromptFile } from '../prompt-file.ts';
import { nextBlock, partMetadata } from './parts.ts';
import type { Batches } from './ports.ts';

/** Cancels what a stopped file has under way at the model server. What cannot be cancelled runs out by itself. */
export const cancelBatches = async (
  { id, batch, blocks, generatingAt, createdAt }: PromptFile,
  { batches, log }: { batches: Pick<Batches, 'cancel' | 'find'>; log: Log },
): Promise<void> => {
  const parts = batch ?? [];
  try {
    for (const { batchId, isAnswered } of parts)
      if (batchId !== null && !isAnswered) await batches.cancel(batchId);
    // One that was created right before its worker died was not noted.
    const next = nextBlock(parts);
    const since = Date.parse(generatingAt ?? createdAt);
    const unnoted = next < blocks ? await batches.find(partMetadata(id, next), since) : undefined;
    if (unnoted?.status === 'open') await batches.cancel(unnoted.id);
  } catch (error) {
    log.warn('batch.not_cancelled', { file_id: id, ...errorFields(error) });
  }
};
