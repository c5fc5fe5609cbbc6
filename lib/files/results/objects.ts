import type { ContentStore } from '../../runs/ports.ts';
import { CONTENT_TYPES } from '../formats/format-of-key.ts';
import type { PromptFile } from '../prompt-file.ts';

/** A file's results objects, by how their keys end. */
export const SUFFIXES = ['.jsonl', '.csv', '.txt', '.summary.json'] as const;
export type Suffix = (typeof SUFFIXES)[number];

const TYPES: Record<Suffix, string> = {
  '.jsonl': CONTENT_TYPES.jsonl,
  '.csv': CONTENT_TYPES.csv,
  '.txt': CONTENT_TYPES.text,
  '.summary.json': CONTENT_TYPES.json,
};
export const contentTypeOf = (suffix: Suffix): string => TYPES[suffix];

/** S3 takes keys of 1,024 bytes; the longest suffix and the id have to fit. */
const MAX_KEY_BYTES = 900;
export const isLongKey = (key: string): boolean => Buffer.byteLength(key) > MAX_KEY_BYTES;

/** A file's own results; those of a key that is too long for that are found by the file's id alone. */
export const resultKey = ({ key, id }: Pick<PromptFile, 'key' | 'id'>, suffix: string): string =>
  isLongKey(key) ? `results/${id}${suffix}` : `results/${key}.${id}${suffix}`;

export const partialKey = (file: Pick<PromptFile, 'id' | 'key'>): string => resultKey(file, '.partial.jsonl');

/** Plain JSON, for a checkpoint: the parts that are there, and the text that waits for the next one. */
export type WriterState = { uploadId: string | null; etags: string[]; tail: string };

/**
 * Writes an object of any length, a part at a time; a short one is put whole. The same texts make the same parts,
 * wherever the writing was interrupted. Nothing is there before `end`.
 */
export const makeObjectWriter = (
  { key, contentType, partBytes }: { key: string; contentType: string; partBytes: number },
  content: Pick<ContentStore, 'put' | 'createUpload' | 'putPart' | 'completeUpload'>,
  from: WriterState = { uploadId: null, etags: [], tail: '' },
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
    /** How many parts are there; a checkpoint pays once there is one more. */
    parts: (): number => etags.length,
    state: (): WriterState => ({ uploadId, etags: [...etags], tail: waiting.join('') }),
    end: async (): Promise<void> => {
      if (uploadId === null) {
        await content.put(key, waiting.join(''), contentType);
        return;
      }
      // The text was written in whole parts when nothing waits.
      if (bytes > 0) await putPart();
      await content.completeUpload(key, uploadId, etags);
    },
  };
};
