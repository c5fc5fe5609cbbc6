import { NotFoundError } from '../../errors.ts';
import { type FileLease, handOver, withFileLease } from '../lease.ts';
import { FILE_DUE, RESERVE_MS } from '../limits.ts';
import { isReady, type PromptFile } from '../prompt-file.ts';
import type { AssembleDeps } from './assemble-deps.ts';
import { assembledLines } from './assembled-lines.ts';
import { type Assembly, loadAssembly, openAssembly, saveAssembly } from './assembly.ts';
import { endFile } from './end-file.ts';

/**
 * Writes a file's results once nothing is left to wait for: a line for each input line, in order, errors included, and
 * a summary. In constant memory: block by block, into objects that are put in parts. Its bytes depend only on runs
 * that no longer change, so a second assembler would write the same, and another invocation (after a crash, or when
 * time runs out) goes on from the last checkpoint. Does nothing when lines are missing or another has the lease.
 */
export const assembleFile = async (file: PromptFile, deps: AssembleDeps): Promise<void> => {
  if (!isReady(file)) return;
  await withFileLease(file, 'generating', deps, async (lease) => {
    try {
      await assemble(lease, deps);
    } catch (error) {
      // Somebody else completed an upload, or it was taken away for its age: begin anew.
      const isUploadGone = error instanceof NotFoundError && error.code === 'missing_upload';
      if (isUploadGone) await saveAssembly(file.id, null, deps.content);
      throw error;
    }
  });
};

const assemble = async (lease: FileLease, deps: AssembleDeps): Promise<void> => {
  const { file } = lease;
  const { content } = deps;
  const assembly = await openAssembly(file, await loadAssembly(file.id, content), deps);
  let savedParts = assembly.parts();
  while (assembly.block() < file.blocks) {
    await addBlock(assembly, lease, deps);
    const isLast = assembly.block() === file.blocks;
    const isOutOfTime = !isLast && deps.remainingMs() < RESERVE_MS;
    if (assembly.parts() > savedParts || isOutOfTime) {
      savedParts = assembly.parts();
      await saveAssembly(file.id, assembly.state(), content);
    }
    if (!isOutOfTime) continue;
    await handOver(lease, FILE_DUE.asked, deps);
    return;
  }
  await lease.renew();
  await assembly.end();
  const { totals } = assembly;
  await endFile(lease, totals.hasErrors() ? 'completed_with_errors' : 'completed', totals, null, deps);
  // It holds pieces of the results.
  if (savedParts > 0) await saveAssembly(file.id, null, content);
};

const addBlock = async (assembly: Assembly, lease: FileLease, deps: AssembleDeps): Promise<void> => {
  for await (const line of assembledLines(lease.file, assembly.block(), deps)) {
    await lease.renew();
    await assembly.add(line);
  }
  assembly.nextBlock();
};
