import type { Pinecone } from '@pinecone-database/pinecone';
import { batchesUpTo } from '../../async/in-batches.ts';
import { UpstreamError } from '../../errors.ts';
import { jsonBytes } from '../../json/value.ts';
import { toDecimals } from '../../vectors/decimals.ts';
import type { VectorIndex, VectorMatch, VectorMetadata, VectorRecord } from '../../vectors/ports.ts';
import { RETRY_LIMITS, type RetryLimits, retryUpstream } from '../upstream.ts';
import { makePineconeClient, type PineconeAccess, statusOf, unwrapPineconeError } from './client.ts';
import { findOrCreate, type IndexWanted } from './find-index.ts';

export type PineconeIndexOptions = PineconeAccess & IndexWanted & { retry?: Partial<RetryLimits> };

/**
 * Pinecone's limits on one upsert are 1,000 records and 2 MB of JSON; 2 KB are reserved for the JSON around the records
 * and for the namespace.
 */
const UPSERT = {
  maxItems: 1_000,
  maxBytes: 2_000_000 - 2_000,
  bytesOf: (vector: object) => jsonBytes(vector) + 1,
};
const CONVERTED = { maxItems: UPSERT.maxItems, maxBytes: Infinity, bytesOf: () => 0 };
/** A fetch carries its ids in the URL, which servers and proxies limit to some 8 KB. */
const FETCH = {
  maxItems: 100,
  maxBytes: 6_000,
  bytesOf: (id: string) => encodeURIComponent(id).length + '&ids='.length,
};
const DELETE = { maxItems: 1_000, maxBytes: Infinity, bytesOf: () => 0 };

/**
 * A serverless Pinecone index through the official SDK. The first call looks the index up and creates it if absent;
 * concurrent first calls share that lookup. The host is cached until Pinecone answers that the index is gone. Each call
 * retries 429, 5xx and network errors within its deadline.
 *
 * @throws {ConfigurationError} When Pinecone refuses the key, or the index has another dimension
 *   (`index_dimension_mismatch`) or metric (`index_metric_mismatch`).
 * @throws {UpstreamError} For every other failure.
 *
 * @example
 * const index = makePineconeIndex({ apiKey, indexName: 'autogen-text', dimension: 1536 });
 * const matches = await index.query(namespace, vector, { topK: 10 });
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
    await ensureHost(); // has retries of its own, which must not multiply with those of the operation
    return retryUpstream(async () => {
      const known = ensureHost();
      const index = client.index({ host: await known });
      try {
        return await operation(index);
      } catch (error) {
        const ours = unwrapPineconeError(error);
        if (statusOf(ours) !== 404 || isMissingNamespace(ours)) throw ours;
        // The index was deleted, or recreated at another host: the next attempt looks it up again.
        if (host === known) host = undefined;
        throw new UpstreamError('pinecone', `the Pinecone index '${indexName}' is no longer at its host`, {
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
      // As numbers a vector takes several times its bytes, so only some are converted at once.
      for (const some of batchesUpTo(records, CONVERTED)) {
        const vectors = some.map(({ id, values, metadata }) => ({
          id,
          values: toDecimals(values),
          metadata,
        }));
        for (const batch of batchesUpTo(vectors, UPSERT))
          await call((index) => index.upsert({ records: batch, namespace }));
      }
    },
    fetch: async (namespace, ids) => {
      const found: VectorRecord[] = [];
      for (const batch of batchesUpTo(ids, FETCH)) {
        const answer = await undefinedIfNoNamespace(call((index) => index.fetch({ ids: batch, namespace })));
        for (const { id, values, metadata } of Object.values(answer?.records ?? {})) {
          found.push({ id, values: Float32Array.from(values ?? []), metadata: metadata ?? {} });
        }
      }
      return found;
    },
    delete: async (namespace, ids) => {
      for (const batch of batchesUpTo(ids, DELETE)) {
        await undefinedIfNoNamespace(call((index) => index.deleteMany({ ids: batch, namespace })));
      }
    },
    query: async (namespace, vector, { topK, filter }) => {
      const request = {
        vector: toDecimals(vector),
        topK,
        includeMetadata: true,
        namespace,
        ...(filter ? { filter } : {}),
      };
      const answer = await undefinedIfNoNamespace(call((index) => index.query(request)));
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

/** Pinecone answers 404 for a namespace without any writes; that is an empty namespace, not an error. */
const isMissingNamespace = (error: unknown): boolean =>
  error instanceof UpstreamError && error.status === 404 && /namespace/i.test(error.message);

const undefinedIfNoNamespace = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isMissingNamespace(error)) return undefined;
    throw error;
  });
