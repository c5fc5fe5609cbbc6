import { type ReadOptions, readRecords } from '../../../../lib/files/formats/read-records.ts';
import type { SourceHead, SourceRecord } from '../../../../lib/files/formats/source-record.ts';

/** The bytes in chunks that end at the given positions, and at the end. */
export async function* chunked(bytes: Uint8Array, cuts: number[] = []): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

export const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : content;

/** The items of an iteration, or the first `most` of them, after which it is closed. */
export const listOf = async <T>(items: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) {
    list.push(item);
    if (list.length === most) break;
  }
  return list;
};

/** Reads the head and all records of a file. */
export const readAll = async (
  content: string | Uint8Array,
  { cuts = [], ...options }: ReadOptions & { cuts?: number[] },
): Promise<{ head: SourceHead; records: SourceRecord[] }> => {
  const { head, records } = await readRecords(chunked(bytesOf(content), cuts), options);
  return { head, records: await listOf(records) };
};

/** Matches a refusal of the whole file with this code. */
export const refused = (code: string, message?: RegExp) => ({
  asymmetricMatch: (error: unknown) =>
    error instanceof Error &&
    error.name === 'InvalidInputError' &&
    Reflect.get(error, 'code') === code &&
    (message?.test(error.message) ?? true),
  toString: () => `InvalidInputError ${code} ${message ?? ''}`,
});
