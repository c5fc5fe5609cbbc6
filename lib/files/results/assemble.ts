import { NotFoundError } from '../../errors.ts';
import type { ContentStore, FileQueue } from '../../runs/ports.ts';
import { type FileLease, type FileLeaseDeps, handOver } from '../lease.ts';
import { FILE_DUE, FILE_LIMITS, type FileLimits, RESERVE_MS } from '../limits.ts';
import { isReady, type PromptFile } from '../prompt-file.ts';
import { loadHead, loadJson } from '../read/progress.ts';
import { type EndFileDeps, endFile, workOnFile } from './end-file.ts';
import { type AssembledLine, type LineResultsDeps, lineResults } from './line-results.ts';
import {
  contentTypeOf,
  makeObjectWriter,
  NOTHING_WRITTEN,
  partialKey,
  resultKey,
  type WriterState,
} from './objects.ts';
import { shapesOf } from './shapes.ts';
import { makeTotals, type TotalsState } from './summary.ts';

export type AssembleDeps = EndFileDeps &
  LineResultsDeps &
  FileLeaseDeps & {
    fileQueue: FileQueue;
    /** Milliseconds left in this invocation. */
    remainingMs: () => number;
    limits?: FileLimits;
  };

/**
 * Writes a file's results once all awaited blocks are full: a line for each input line, in order, errors included, and
 * a summary. It works block by block, in constant memory, and uploads objects in parts. The bytes depend only on runs
 * that no longer change, so a second worker would write the same bytes, and another invocation (after a crash, or when
 * time runs out) continues from the last checkpoint. After five attempts without a new checkpoint, the file ends as
 * `attempts_exhausted`. Does nothing while lines are missing or another worker has the
 * lease.
 */
export const assembleFile = async (file: PromptFile, deps: AssembleDeps): Promise<void> => {
  if (!isReady(file)) return;
  await workOnFile(file, 'generating', deps, async (lease) => {
    try {
      await assemble(lease, deps);
    } catch (error) {
      // Another worker completed the upload, or S3 expired it: start again.
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
      await lease.change({ attempts: 0 });
    }
    if (!isOutOfTime) continue;
    await handOver(lease, FILE_DUE.messageSent, deps);
    return;
  }
  await lease.renew();
  await assembly.end();
  const { totals } = assembly;
  await endFile(lease, totals.hasErrors() ? 'completed_with_errors' : 'completed', totals, null, deps);
  // Clear the checkpoint, since it contains pieces of the results.
  if (savedParts > 0) await saveAssembly(file.id, null, content);
};

const addBlock = async (assembly: Assembly, lease: FileLease, deps: AssembleDeps): Promise<void> => {
  for await (const line of lineResults(lease.file, assembly.block(), deps)) {
    await lease.renew();
    await assembly.add(line);
  }
  assembly.nextBlock();
};

/** Opens the writers of a file's results objects and its totals, at the checkpoint `from` or at the beginning. */
const openAssembly = async (
  file: PromptFile,
  from: AssemblyState | undefined,
  { content, limits = FILE_LIMITS }: { content: ContentStore; limits?: FileLimits },
) => {
  const shapes = shapesOf(await loadHead(file.id, content));
  const totals = makeTotals(from?.totals);
  const outputs = shapes.map(({ suffix, opening, isAlways, render }) => {
    const target = {
      key: resultKey(file, suffix),
      contentType: contentTypeOf(suffix),
      partBytes: limits.partBytes,
    };
    const begun = from?.writers[suffix] ?? { ...NOTHING_WRITTEN, tail: opening };
    return { suffix, isAlways, render, writer: makeObjectWriter(target, content, begun) };
  });
  let block = from?.block ?? 0;
  return {
    totals,
    block: (): number => block,
    nextBlock: (): void => {
      block += 1;
    },
    add: async (line: AssembledLine): Promise<void> => {
      totals.add(line);
      for (const { render, writer } of outputs) await writer.write(render(line));
    },
    parts: (): number => outputs.reduce((sum, { writer }) => sum + writer.parts(), 0),
    state: (): AssemblyState => ({
      block,
      totals: totals.state(),
      writers: Object.fromEntries(outputs.map(({ suffix, writer }) => [suffix, writer.state()])),
    }),
    /** Puts the objects. One without content does not exist: a text file that has no answer. */
    end: async (): Promise<void> => {
      for (const { writer, isAlways } of outputs) if (isAlways || !writer.isEmpty()) await writer.end();
    },
  };
};

type Assembly = Awaited<ReturnType<typeof openAssembly>>;

/** The checkpoint of assembling; `block` is the next block to add. */
type AssemblyState = { block: number; totals: TotalsState; writers: Record<string, WriterState> };

const stateKey = (fileId: string): string => `files/${fileId}/assembly.json`;

const loadAssembly = async (fileId: string, content: ContentStore): Promise<AssemblyState | undefined> =>
  (await loadJson<AssemblyState | null>(stateKey(fileId), content)) ?? undefined;

/** Saves the checkpoint; null makes assembling start from the beginning. */
const saveAssembly = (fileId: string, state: AssemblyState | null, content: ContentStore): Promise<void> =>
  content.put(stateKey(fileId), JSON.stringify(state), 'application/json');

/**
 * Writes the results that a file has so far, in order, as a `.jsonl` and for a table also as a table; they end early when
 * time runs out. Does nothing unless the file is generating, since a finished file has its results.
 */
export const writePartialResults = async (fileId: string, deps: AssembleDeps): Promise<void> => {
  const { files, content, limits = FILE_LIMITS } = deps;
  const file = await files.get(fileId);
  if (file?.status !== 'generating') return;
  const shapes = shapesOf(await loadHead(fileId, content));
  const outputs = shapes.flatMap(({ suffix, opening, render }) => {
    // The one answer of a text is its whole result, and a batch's lines stand all in its .jsonl.
    if (suffix !== '.jsonl' && suffix !== '.csv') return [];
    const key = partialKey(file, suffix);
    const target = { key, contentType: contentTypeOf(suffix), partBytes: limits.partBytes };
    return [{ render, writer: makeObjectWriter(target, content, { ...NOTHING_WRITTEN, tail: opening }) }];
  });
  for (let number = 0; number < file.sentBlocks && deps.remainingMs() > RESERVE_MS; number += 1) {
    const ended = lineResults(file, number, deps, ({ line }, done) => done.has(line));
    for await (const line of ended)
      for (const { render, writer } of outputs) await writer.write(render(line));
  }
  for (const { writer } of outputs) await writer.end();
  deps.log.info('file.partial_results', { file_id: fileId });
};
