import { inOrder } from '../../async/in-order.ts';
import type { FileStore } from '../ports.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';
import { readBlock } from '../work/blocks.ts';
import { type LineResultDeps, lineResult } from './line-result.ts';
import type { AssembledLine } from './results.ts';

export type AssembledLinesDeps = LineResultDeps & { files: Pick<FileStore, 'getBlock'> };

const AT_ONCE = 16;

/** The results of one block's lines, in their order; `only` picks those that are asked for. */
export const assembledLines = async function* (
  file: PromptFile,
  number: number,
  deps: AssembledLinesDeps,
  only: (entry: FileLineEntry, done: ReadonlySet<number>) => boolean = () => true,
): AsyncGenerator<AssembledLine> {
  const block = number < file.sentBlocks ? await deps.files.getBlock(file.id, number) : undefined;
  const done = new Set(block?.done);
  const entries = (await readBlock(file.id, number, deps)).filter((entry) => only(entry, done));
  yield* inOrder(entries, AT_ONCE, (entry) => lineResult(file, entry, block, deps));
};
