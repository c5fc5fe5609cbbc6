import type { VectorRecord } from '../../vectors/ports.ts';

/** Pinecone's limits on one upsert. */
export const MAX_UPSERT_RECORDS = 1_000;
export const MAX_UPSERT_BYTES = 2_000_000;
/** Room for the braces around the records, and for the namespace. */
const ENVELOPE_BYTES = 2_000;

export type PineconeVector = { id: string; values: number[]; metadata: VectorRecord['metadata'] };

/**
 * Values as JSON numbers that read back as the same float32. The shortest such decimal has at most nine digits;
 * a float32 written as the double it becomes has up to seventeen, which would nearly double every upsert.
 */
export const toNumbers = (values: Float32Array): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(9)));

/** Records in order, in as few upserts as Pinecone's limits on count and bytes of JSON allow. */
export const upsertBatches = (records: VectorRecord[]): PineconeVector[][] => {
  const batches: PineconeVector[][] = [];
  let bytes = 0;
  for (const { id, values, metadata } of records) {
    const vector = { id, values: toNumbers(values), metadata };
    const size = Buffer.byteLength(JSON.stringify(vector)) + 1;
    const open = batches.at(-1);
    if (open && open.length < MAX_UPSERT_RECORDS && bytes + size <= MAX_UPSERT_BYTES - ENVELOPE_BYTES) {
      open.push(vector);
      bytes += size;
    } else {
      batches.push([vector]);
      bytes = size;
    }
  }
  return batches;
};

/** Ids in order, in batches of at most `count` ids and `bytes` bytes as they stand in a URL. */
export const idBatches = (ids: string[], count: number, bytes = Infinity): string[][] => {
  const batches: string[][] = [];
  let used = 0;
  for (const id of ids) {
    const size = encodeURIComponent(id).length + '&ids='.length;
    const open = batches.at(-1);
    if (open && open.length < count && used + size <= bytes) {
      open.push(id);
      used += size;
    } else {
      batches.push([id]);
      used = size;
    }
  }
  return batches;
};
