import type { Pinecone } from '@pinecone-database/pinecone';
import { batchesUpTo } from '../../async/in-batches.ts';
import { UpstreamError } from '../../errors.ts';
import type { VectorIndex, VectorMatch, VectorMetadata, VectorRecord } from '../../vectors/ports.ts';
import { RETRY_LIMITS, type RetryLimits, retryUpstream } from '../upstream.ts';
import { makePineconeClient, type PineconeAccess, statusOf, unwrapPineconeError } from './client.ts';
import { findOrCreate, type IndexWanted } from './find-index.ts';

export type PineconeIndexOptions = PineconeAccess & IndexWanted & { retry?: Partial<RetryLimits> };

/** Pinecone takes 2 MB of JSON in an upsert; 2 KB are for the braces around the records and for the namespace. */
const UPSERT = {
  maxItems: 1_000,
  maxBytes: 2_000_000 - 2_000,
  bytesOf: (vector: object) => Buffer.byteLength(JSON.stringify(vector)) + 1,
};
/** A fetch carries its ids in the URL, which servers and proxies bound at some 8 KB. */
const FETCH = {
  maxItems: 100,
  maxBytes: 6_000,
  bytesOf: (id: string) => encodeURIComponent(id).length + '&ids='.length,
};
const DELETE = { maxItems: 1_000, maxBytes: Infinity, bytesOf: () => 0 };

/**
 * A serverless Pinecone index through the official SDK. Looked up once and created if absent, also when many
 * calls come first together; its host is remembered until Pinecone says it is gone. Each call tries again after
 * 429, 5xx and network errors, within its deadline. Throws `ConfigurationError` for a refused key, an index of
 * another dimension (`index_dimension_mismatch`) or metric (`index_metric_mismatch`), else `UpstreamError`.
 */
export const makePineconeIndex = (options: PineconeIndexOptions): VectorIndex => {
  const { indexName } = options;
  const limits = { ...RETRY_LIMITS, ...options.retry };
  const client = makePineconeClient(options);
  let host: Promise<string> | undefined;
  const ensureHost = (): Promise<string> => {
    host ??= findOrCreate(client, options, limits).catch((error: unknown) => {
      host = undefined;
      throw error;
    });
    return host;
  };
  const call = async <T>(operation: (index: ReturnType<Pinecone['index']>) => Promise<T>): Promise<T> => {
    await ensureHost(); // It tries again by itself: not once more for each try of the operation.
    return retryUpstream(async () => {
      const known = ensureHost();
      const index = client.index({ host: await known });
      try {
        return await operation(index);
      } catch (error) {
        const ours = unwrapPineconeError(error);
        if (statusOf(ours) !== 404 || isMissingNamespace(ours)) throw ours;
        // The index is gone, or was made anew at another host: the next try looks it up again.
        if (host === known) host = undefined;
        throw new UpstreamError('pinecone', `the Pinecone index '${indexName}' is not where it was`, {
          code: 'index_gone',
          status: 404,
          cause: ours,
        });
      }
    }, limits);
  };

  return {
    ensure: async () => {
      await ensureHost();
    },
    upsert: async (namespace, records) => {
      const vectors = records.map(({ id, values, metadata }) => ({
        id,
        values: toNumbers(values),
        metadata,
      }));
      for (const batch of batchesUpTo(vectors, UPSERT))
        await call((index) => index.upsert({ records: batch, namespace }));
    },
    fetch: async (namespace, ids) => {
      const found: VectorRecord[] = [];
      for (const batch of batchesUpTo(ids, FETCH)) {
        const answer = await emptyWithoutNamespace(call((index) => index.fetch({ ids: batch, namespace })));
        for (const { id, values, metadata } of Object.values(answer?.records ?? {})) {
          found.push({ id, values: Float32Array.from(values ?? []), metadata: metadata ?? {} });
        }
      }
      return found;
    },
    delete: async (namespace, ids) => {
      for (const batch of batchesUpTo(ids, DELETE)) {
        await emptyWithoutNamespace(call((index) => index.deleteMany({ ids: batch, namespace })));
      }
    },
    query: async (namespace, vector, { topK, filter }) => {
      const asked = {
        vector: toNumbers(vector),
        topK,
        includeMetadata: true,
        namespace,
        ...(filter ? { filter } : {}),
      };
      const answer = await emptyWithoutNamespace(call((index) => index.query(asked)));
      return (answer?.matches ?? []).map(
        ({ id, score, metadata }): VectorMatch => ({
          id,
          score: score ?? 0,
          metadata: (metadata ?? {}) as VectorMetadata,
        }),
      );
    },
  };
};

/** Pinecone answers 404 where nothing has been written yet; that is an empty namespace, not an error. */
const isMissingNamespace = (error: unknown): boolean =>
  error instanceof UpstreamError && error.status === 404 && /namespace/i.test(error.message);

const emptyWithoutNamespace = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isMissingNamespace(error)) return undefined;
    throw error;
  });

/**
 * Values as JSON numbers that read back as the same float32. The shortest such decimal has at most nine digits;
 * a float32 written as the double it becomes has up to seventeen, which would nearly double every upsert.
 */
const toNumbers = (values: Float32Array): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(9)));
