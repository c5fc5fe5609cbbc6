import { createHash } from 'node:crypto';
import type { ContentStore } from '../../runs/ports.ts';
import { noCounts } from '../counts.ts';
import { CONTENT_TYPES } from '../formats/format-of-key.ts';
import type { FileLimits } from '../limits.ts';
import { addErrors, errorsOf, type LineErrors } from '../line-errors.ts';
import type { FileStore } from '../ports.ts';
import { blockKey, type FileLineEntry } from '../prompt-file.ts';

/**
 * A line to be written. `size` is the number of bytes that count towards the block's limit. It must follow from the
 * source alone, so that reading the file again cuts the same blocks.
 */
export type BlockLine = { entry: FileLineEntry; size: number; delaySeconds: number };

/** Counts of what has been written so far, and the errors of the refused lines. */
export type Written = { blocks: number; lines: number; refused: number; errors: LineErrors[] };

/** A writer's checkpoint: the counts so far, and the lines that wait for their block to be full. */
export type WriterState = {
  /** Checkpoints of earlier versions have no errors. */
  written: Omit<Written, 'errors'> & Partial<Pick<Written, 'errors'>>;
  waiting: BlockLine[];
};

/**
 * Makes a writer that cuts lines into blocks. The same lines make the same blocks, wherever the writing was
 * interrupted. A block that exists already is left as it is.
 *
 * @example
 * const writer = makeBlockWriter(file.id, FILE_LIMITS, { files, content });
 * for (const line of lines) await writer.add(line);
 * const { blocks, lines: written, refused, errors } = await writer.end();
 */
export const makeBlockWriter = (
  fileId: string,
  { blockLines, blockBytes }: Pick<FileLimits, 'blockLines' | 'blockBytes'>,
  { files, content }: { files: FileStore; content: ContentStore },
  from: WriterState = { written: { blocks: 0, lines: 0, refused: 0 }, waiting: [] },
) => {
  const written: Written = { errors: [], ...from.written };
  let lines: BlockLine[] = [...from.waiting];
  let bytes = lines.reduce((sum, { size }) => sum + size, 0);

  const isFull = (next: BlockLine): boolean =>
    lines.length > 0 &&
    (lines.length >= blockLines ||
      bytes + next.size > blockBytes ||
      lines[0]?.delaySeconds !== next.delaySeconds);

  const flush = async (): Promise<void> => {
    const [first] = lines;
    const last = lines.at(-1);
    if (!first || !last) return;
    const number = written.blocks;
    const failed = lines.flatMap(({ entry }) =>
      entry.error ? [{ line: entry.line, code: entry.error.code }] : [],
    );
    const refused = failed.map(({ line }) => line);
    if (!(await files.getBlock(fileId, number))) {
      const rows = lines.map(({ entry }) => `${rowOf(entry)}\n`);
      await content.put(blockKey(fileId, number), rows.join(''), CONTENT_TYPES.jsonl);
      await files.createBlock({
        fileId,
        number,
        firstLine: first.entry.line,
        lastLine: last.entry.line,
        lines: lines.length,
        delaySeconds: first.delaySeconds,
        sent: refused.length,
        done: refused,
        skipped: [],
        errors: {},
        answers: {},
        failed: {},
        counts: noCounts(),
        // The block gets a due time when it is sent.
        dueAt: null,
        dueTries: 0,
      });
    }
    written.blocks += 1;
    written.lines += lines.length;
    written.refused += refused.length;
    written.errors = addErrors([...written.errors, ...errorsOf(failed)]);
    lines = [];
    bytes = 0;
  };

  return {
    /** Adds a line. Saves the waiting block first if the line begins a new one. */
    add: async (line: BlockLine): Promise<void> => {
      if (isFull(line)) await flush();
      lines.push(line);
      bytes += line.size;
    },
    /** Saves the lines that still wait, and returns the counts of the whole file. */
    end: async (): Promise<Written> => {
      await flush();
      return written;
    },
    state: (): WriterState => ({ written: { ...written }, waiting: lines }),
  };
};

/** A line's row. Its first fields tell the sender of jobs whether the line was refused, so their order is fixed. */
const rowOf = ({ line, occurrence, body, ...others }: FileLineEntry): string =>
  JSON.stringify({ line, occurrence, body, ...others });

/** A counter's checkpoint, as plain JSON: hashes, and how often each was seen. */
export type SeenOccurrences = { hashes: number[]; counts: number[] };

/**
 * Makes a counter of equal texts by 48 bits of their hash: 100,000 texts of any length take some 10 MB. If two texts
 * share a hash, the second counts as a repetition of the first, in the same way each time the file is read.
 */
export const makeOccurrences = (seen: SeenOccurrences = { hashes: [], counts: [] }) => {
  const counts = new Map(seen.hashes.map((hash, at) => [hash, seen.counts[at] ?? 1]));
  return {
    /** The number of equal texts before this one. */
    next: (text: string): number => {
      const hash = createHash('sha256').update(text).digest().readUIntBE(0, 6);
      const before = counts.get(hash) ?? 0;
      counts.set(hash, before + 1);
      return before;
    },
    seen: (): SeenOccurrences => ({ hashes: [...counts.keys()], counts: [...counts.values()] }),
  };
};
