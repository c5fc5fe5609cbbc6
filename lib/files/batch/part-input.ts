import { inOrder } from '../../async/in-order.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import type { RequestDefaults } from '../../runs/request.ts';
import type { PromptFile } from '../prompt-file.ts';
import { readBlock } from '../work/blocks.ts';
import { findLineRun, parseLine } from '../work/line-run.ts';
import { batchLineOf } from './batch-request.ts';

export type PartInputDeps = {
  content: Pick<ContentStore, 'get'>;
  runs: Pick<RunStore, 'get'>;
  bucket: string;
  defaults: RequestDefaults;
  batchLimits?: BatchLimits;
};

/** Of one batch. OpenAI takes 50,000 lines and 200 MB; a part is held in memory while it is uploaded. */
export type BatchLimits = { lines: number; bytes: number };
export const BATCH_LIMITS: BatchLimits = { lines: 25_000, bytes: 16 * 1024 * 1024 };

const AT_ONCE = 16;

/**
 * The lines of a part that begins at block `first`: whole blocks, as many as the limits hold (one at least), or up to
 * `end` where that is given. Lines that are no requests, and those that have a run already, are left out.
 */
export const partInput = async (
  file: PromptFile,
  first: number,
  deps: PartInputDeps,
  { end = file.blocks, renew = async () => {} }: { end?: number; renew?: () => Promise<void> } = {},
): Promise<{ lines: string[]; end: number }> => {
  const limits = deps.batchLimits ?? BATCH_LIMITS;
  const lines: string[] = [];
  let bytes = 0;
  for (let block = first; block < end; block += 1) {
    await renew();
    const own = await blockInput(file, block, deps);
    const size = own.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    const isOver = lines.length + own.length > limits.lines || bytes + size > limits.bytes;
    if (isOver && block > first) return { lines, end: block };
    lines.push(...own);
    bytes += size;
  }
  return { lines, end };
};

const blockInput = async (file: PromptFile, block: number, deps: PartInputDeps): Promise<string[]> => {
  const entries = (await readBlock(file.id, block, deps)).filter(({ error }) => !error);
  const lines: string[] = [];
  const made = inOrder(entries, AT_ONCE, async (entry) => {
    if ((await findLineRun(file, entry, deps)).run) return undefined;
    const request = await parseLine(entry, deps.defaults);
    return batchLineOf({ fileId: file.id, block, line: entry.line }, request, deps.defaults);
  });
  for await (const line of made) if (line !== undefined) lines.push(line);
  return lines;
};
