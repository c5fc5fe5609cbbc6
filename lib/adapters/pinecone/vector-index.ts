import { setTimeout as sleep } from 'node:timers/promises';
import { Pinecone } from '@pinecone-database/pinecone';
import { ConfigurationError, UpstreamError } from '../../errors.ts';
import type { VectorIndex, VectorMatch, VectorMetadata, VectorRecord } from '../../vectors/ports.ts';
import { RETRY_LIMITS, type RetryLimits, retryUpstream } from '../upstream.ts';
import { deleteBatches, fetchBatches, toNumbers, upsertBatches } from './batches.ts';
import { makePineconeFetch, unwrapPineconeError } from './fetch.ts';

export type PineconeIndexOptions = {
  apiKey: string;
  /** Pinecone's own control plane when left out. */
  controllerHost?: string | undefined;
  indexName: string;
  dimension: number;
  /** Whether an absent index is created; true when left out. Else it is a `ConfigurationError` (`index_missing`). */
  creates?: boolean;
  /** Where an absent index is created. */
  cloud?: string;
  region?: string;
  /** Told when it was we who created it. */
  onCreated?: () => void;
  /** For one request, its body included. */
  timeoutMs?: number;
  /** How long a new index may take until it is ready, and how often it is looked at. */
  readyTimeoutMs?: number;
  readyPollMs?: number;
  retry?: Partial<RetryLimits>;
};

const METRIC = 'cosine';
const ENDED_STATES = new Set(['InitializationFailed', 'Failed', 'Disabled']);

/**
 * A serverless Pinecone index through the official SDK. Looked up once and created if absent, also when many
 * calls come first together; its host is remembered until Pinecone says it is gone. Each call tries again after
 * 429, 5xx and network errors, within its deadline. Throws `ConfigurationError` for a refused key, an index of
 * another dimension (`index_dimension_mismatch`) or metric (`index_metric_mismatch`), else `UpstreamError`.
 */
export const makePineconeIndex = (options: PineconeIndexOptions): VectorIndex => {
  const { apiKey, controllerHost, indexName, timeoutMs = 20_000 } = options;
  const limits = { ...RETRY_LIMITS, ...options.retry };
  const client = new Pinecone({
    apiKey,
    maxRetries: 0,
    fetchApi: makePineconeFetch(timeoutMs),
    ...(controllerHost ? { controllerHostUrl: controllerHost } : {}),
  });
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
      for (const batch of upsertBatches(records))
        await call((index) => index.upsert({ records: batch, namespace }));
    },
    fetch: async (namespace, ids) => {
      const found: VectorRecord[] = [];
      for (const batch of fetchBatches(ids)) {
        const answer = await emptyWithoutNamespace(call((index) => index.fetch({ ids: batch, namespace })));
        for (const { id, values, metadata } of Object.values(answer?.records ?? {})) {
          found.push({ id, values: Float32Array.from(values ?? []), metadata: metadata ?? {} });
        }
      }
      return found;
    },
    delete: async (namespace, ids) => {
      for (const batch of deleteBatches(ids)) {
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

const statusOf = (error: unknown): number | undefined =>
  error instanceof UpstreamError ? error.status : undefined;

/** Pinecone answers 404 where nothing has been written yet; that is an empty namespace, not an error. */
const isMissingNamespace = (error: unknown): boolean =>
  error instanceof UpstreamError && error.status === 404 && /namespace/i.test(error.message);

const emptyWithoutNamespace = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isMissingNamespace(error)) return undefined;
    throw error;
  });

/** The host of the index, once it is there, fits and is ready. */
const findOrCreate = async (
  client: Pinecone,
  options: PineconeIndexOptions,
  limits: RetryLimits,
): Promise<string> => {
  const { indexName, readyTimeoutMs = 60_000, readyPollMs = 1_000 } = options;
  const end = performance.now() + readyTimeoutMs;
  for (;;) {
    const index = await retryUpstream(() => describeOrCreate(client, options), limits);
    if (index) {
      checkFit(index.schema, options);
      if (index.status.ready && index.host) return index.host;
      if (ENDED_STATES.has(index.status.state)) {
        throw new ConfigurationError(
          `the Pinecone index '${indexName}' is in the state ${index.status.state}`,
          {
            code: 'index_unusable',
          },
        );
      }
    }
    if (performance.now() + readyPollMs >= end) {
      throw new UpstreamError(
        'pinecone',
        `the Pinecone index '${indexName}' was not ready within ${readyTimeoutMs} ms`,
        {
          code: 'index_not_ready',
        },
      );
    }
    await sleep(readyPollMs);
  }
};

/** The index as it is, or undefined where it was just created, by us or by another. */
const describeOrCreate = async (
  client: Pinecone,
  { indexName, dimension, creates = true, cloud, region, onCreated }: PineconeIndexOptions,
) => {
  try {
    return await client.indexes.describe(indexName);
  } catch (error) {
    if (statusOf(unwrapPineconeError(error)) !== 404) throw unwrapPineconeError(error);
  }
  if (!creates) {
    throw new ConfigurationError(`there is no Pinecone index '${indexName}'`, { code: 'index_missing' });
  }
  try {
    const created = await client.indexes.create({
      name: indexName,
      deployment: { deploymentType: 'managed', cloud: cloud ?? 'aws', region: region ?? 'us-east-1' },
      schema: { fields: { _values: { type: 'dense_vector', dimension, metric: METRIC } } },
    });
    onCreated?.();
    return created;
  } catch (error) {
    if (statusOf(unwrapPineconeError(error)) !== 409) throw unwrapPineconeError(error);
    return undefined;
  }
};

type Schema = { fields?: Record<string, object> } | undefined;

const checkFit = (schema: Schema, { indexName, dimension }: PineconeIndexOptions): void => {
  // Empty while the index is being made; it is looked at again when it is ready.
  const field = Object.values(schema?.fields ?? {}).find(
    (each) => Reflect.get(each, 'type') === 'dense_vector',
  );
  if (!field) return;
  const is = { dimension: Reflect.get(field, 'dimension'), metric: Reflect.get(field, 'metric') };
  if (is.dimension !== dimension) {
    throw new ConfigurationError(
      `the Pinecone index '${indexName}' has ${is.dimension} dimensions, the embedding model gives ${dimension}; ` +
        'set PINECONE_INDEX to another index, or EMBEDDING_MODEL and EMBEDDING_DIMENSIONS to fit this one',
      { code: 'index_dimension_mismatch' },
    );
  }
  if (is.metric !== METRIC) {
    throw new ConfigurationError(
      `the Pinecone index '${indexName}' compares by ${is.metric}, not by ${METRIC}; set PINECONE_INDEX to another index`,
      { code: 'index_metric_mismatch' },
    );
  }
};
