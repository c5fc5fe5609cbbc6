import { batchesUpTo } from '../../async/in-batches.ts';
import type { VectorRecord } from '../../vectors/ports.ts';

/** Pinecone takes 2 MB of JSON in an upsert; 2 KB are for the braces around the records and for the namespace. */
const UPSERT = { maxItems: 1_000, maxBytes: 2_000_000 - 2_000 };
/** A fetch carries its ids in the URL, which servers and proxies bound at some 8 KB. */
const FETCH = { maxItems: 100, maxBytes: 6_000 };
const DELETE = { maxItems: 1_000, maxBytes: Infinity };

export type PineconeVector = { id: string; values: number[]; metadata: VectorRecord['metadata'] };

/**
 * Values as JSON numbers that read back as the same float32. The shortest such decimal has at most nine digits;
 * a float32 written as the double it becomes has up to seventeen, which would nearly double every upsert.
 */
export const toNumbers = (values: Float32Array): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(9)));

export const upsertBatches = (records: readonly VectorRecord[]): PineconeVector[][] =>
  batchesUpTo(
    records.map(({ id, values, metadata }) => ({ id, values: toNumbers(values), metadata })),
    { ...UPSERT, bytesOf: (vector) => Buffer.byteLength(JSON.stringify(vector)) + 1 },
  );

export const fetchBatches = (ids: readonly string[]): string[][] =>
  batchesUpTo(ids, { ...FETCH, bytesOf: (id) => encodeURIComponent(id).length + '&ids='.length });

export const deleteBatches = (ids: readonly string[]): string[][] =>
  batchesUpTo(ids, { ...DELETE, bytesOf: () => 0 });
