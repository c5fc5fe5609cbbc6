import { inOrder } from '../../async/in-order.ts';
import type { ContentStore } from '../../runs/ports.ts';
import type { FileLine } from '../../runs/run.ts';
import { CONTENT_TYPES } from '../formats/format-of-key.ts';
import { textLinesOf } from '../formats/source-text.ts';
import { FILE_LIMITS, type FileLimits } from '../limits.ts';
import type { BatchPart } from '../prompt-file.ts';
import { makeObjectWriter } from '../results/objects.ts';
import { placeOf } from './input.ts';
import type { Batches, BatchJob } from './ports.ts';

/**
 * The index of a block's answers: for each line a byte range of `object` (`end` exclusive). `missing` is the error of
 * the lines without a range; null when those lines were not part of the batch.
 */
type BlockAnswers = {
  object: string;
  lines: Record<string, [start: number, end: number]>;
  missing: { code: string; message: string } | null;
};

const objectKey = (fileId: string, first: number): string =>
  `files/${fileId}/batch/${String(first).padStart(6, '0')}.jsonl`;
const indexKey = (fileId: string, block: number): string =>
  `files/${fileId}/batch/${String(block).padStart(6, '0')}.index.json`;

type SaveDeps = { batches: Pick<Batches, 'read'>; content: ContentStore; limits?: FileLimits };

const AT_ONCE = 8;

/**
 * Copies the answers of an ended batch, which come in any order, into one object, and writes an index for each block.
 * The same batch makes the same objects, so a crash is repaired by a repeat. Only byte ranges are held in memory.
 */
export const saveAnswers = async (
  fileId: string,
  part: BatchPart,
  job: Pick<BatchJob, 'resultFiles' | 'status' | 'error'>,
  { batches, content, limits = FILE_LIMITS }: SaveDeps,
  renew: () => Promise<void>,
): Promise<void> => {
  const object = objectKey(fileId, part.first);
  const target = { key: object, contentType: CONTENT_TYPES.jsonl, partBytes: limits.partBytes };
  const writer = makeObjectWriter(target, content);
  const found = new Map<number, BlockAnswers['lines']>();
  let at = 0;
  for (const resultFile of job.resultFiles) {
    for await (const text of textLinesOf(batches.read(resultFile))) {
      await renew();
      const place = placeOfLine(text, fileId);
      if (!place) continue;
      const end = at + Buffer.byteLength(text);
      const lines = found.get(place.block) ?? {};
      lines[place.line] ??= [at, end];
      found.set(place.block, lines);
      await writer.write(`${text}\n`);
      at = end + 1;
    }
  }
  await writer.end();
  const blocks = Array.from({ length: part.end - part.first }, (_, offset) => part.first + offset);
  const saved = inOrder(blocks, AT_ONCE, async (block) => {
    const answers: BlockAnswers = { object, lines: found.get(block) ?? {}, missing: missingOf(job) };
    await content.put(indexKey(fileId, block), JSON.stringify(answers), 'application/json');
  });
  for await (const _ of saved) await renew();
};

/**
 * Loads a batch's answer to a line: the raw result line, or the error that took its place; undefined for a line that
 * was not part of the batch.
 * @throws {NotFoundError} when the answers of its part are not saved yet.
 */
export const loadAnswer = async (
  { fileId, block, line }: FileLine,
  { content }: { content: Pick<ContentStore, 'get'> },
): Promise<{ text: string } | { error: { code: string; message: string } } | undefined> => {
  const { object, lines, missing }: BlockAnswers = JSON.parse(await content.get(indexKey(fileId, block)));
  const range = lines[line];
  if (!range) return missing ? { error: missing } : undefined;
  const [start, end] = range;
  return { text: await content.get(object, { start, end }) };
};

const missingOf = ({ status, error }: Pick<BatchJob, 'status' | 'error'>): BlockAnswers['missing'] => {
  if (error) return error;
  if (status === 'expired')
    return { code: 'batch_expired', message: 'the batch expired before this line was answered' };
  if (status === 'cancelled')
    return { code: 'cancelled', message: 'the batch was cancelled before this line was answered' };
  if (status === 'failed')
    return { code: 'batch_failed', message: 'the model server failed the whole batch' };
  // A completed batch has a result line for each of its lines.
  return null;
};

const placeOfLine = (text: string, fileId: string): FileLine | undefined => {
  try {
    return placeOf(JSON.parse(text)?.custom_id, fileId);
  } catch {
    return undefined;
  }
};
