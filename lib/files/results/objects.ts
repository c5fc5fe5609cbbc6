import type { ContentStore } from '../../runs/ports.ts';
import { CONTENT_TYPES } from '../formats/format-of-key.ts';
import type { PromptFile } from '../prompt-file.ts';

/** The suffixes of the keys of a file's results objects. */
export const SUFFIXES = ['.jsonl', '.csv', '.txt', '.summary.json'] as const;
export type Suffix = (typeof SUFFIXES)[number];

/** The suffixes of the lines of a batch of OpenAI's API: those with an answer, and those that failed. */
export const BATCH_SUFFIXES = { output: '.output.jsonl', errors: '.errors.jsonl' } as const;
type BatchSuffix = (typeof BATCH_SUFFIXES)[keyof typeof BATCH_SUFFIXES];

const TYPES: Record<Suffix | BatchSuffix, string> = {
  '.jsonl': CONTENT_TYPES.jsonl,
  '.output.jsonl': CONTENT_TYPES.jsonl,
  '.errors.jsonl': CONTENT_TYPES.jsonl,
  '.csv': CONTENT_TYPES.csv,
  '.txt': CONTENT_TYPES.text,
  '.summary.json': CONTENT_TYPES.json,
};
export type ResultSuffix = Exclude<Suffix, '.summary.json'> | BatchSuffix;
export const contentTypeOf = (suffix: Suffix | BatchSuffix): string => TYPES[suffix];

/**
 * S3 keys have at most 1,024 bytes; the rest is for `results/`, the id and the longest suffix.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
const MAX_KEY_BYTES = 900;
export const isLongKey = (key: string): boolean => Buffer.byteLength(key) > MAX_KEY_BYTES;

/** The key of one of a file's own results. If the file's key is too long, the results' key has the id alone. */
export const resultKey = ({ key, id }: Pick<PromptFile, 'key' | 'id'>, suffix: string): string =>
  isLongKey(key) ? `results/${id}${suffix}` : `results/${key}.${id}${suffix}`;

/** The key of the results so far, as lines or as a table. */
export const partialKey = (
  file: Pick<PromptFile, 'id' | 'key'>,
  suffix: '.jsonl' | '.csv' = '.jsonl',
): string => resultKey(file, `.partial${suffix}`);

/** A writer's checkpoint, as plain JSON: the parts uploaded so far, and the text that waits for the next part. */
export type WriterState = { uploadId: string | null; etags: string[]; tail: string };
export const NOTHING_WRITTEN: WriterState = { uploadId: null, etags: [], tail: '' };

/**
 * Makes a writer of an object of any length, uploaded in parts; a short object takes a single put. The same texts make
 * the same parts, wherever the writing was interrupted. The object does not exist before `end`.
 *
 * @example
 * const writer = makeObjectWriter({ key, contentType, partBytes: FILE_LIMITS.partBytes }, content);
 * for (const row of rows) await writer.write(`${JSON.stringify(row)}\n`);
 * await writer.end();
 */
export const makeObjectWriter = (
  { key, contentType, partBytes }: { key: string; contentType: string; partBytes: number },
  content: Pick<ContentStore, 'put' | 'createUpload' | 'putPart' | 'completeUpload'>,
  from: WriterState = NOTHING_WRITTEN,
) => {
  let { uploadId } = from;
  const etags = [...from.etags];
  let waiting = from.tail === '' ? [] : [from.tail];
  let bytes = Buffer.byteLength(from.tail);

  const putPart = async (): Promise<void> => {
    uploadId ??= await content.createUpload(key, contentType);
    etags.push(await content.putPart(key, uploadId, etags.length + 1, Buffer.from(waiting.join(''))));
    waiting = [];
    bytes = 0;
  };

  return {
    write: async (text: string): Promise<void> => {
      waiting.push(text);
      bytes += Buffer.byteLength(text);
      if (bytes >= partBytes) await putPart();
    },
    isEmpty: (): boolean => etags.length === 0 && bytes === 0,
    /** The number of parts uploaded so far; each new one is worth a checkpoint. */
    parts: (): number => etags.length,
    state: (): WriterState => ({ uploadId, etags: [...etags], tail: waiting.join('') }),
    end: async (): Promise<void> => {
      if (uploadId === null) {
        await content.put(key, waiting.join(''), contentType);
        return;
      }
      // Nothing is left if the text filled its last part exactly.
      if (bytes > 0) await putPart();
      await content.completeUpload(key, uploadId, etags);
    },
  };
};
