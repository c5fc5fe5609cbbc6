import { setTimeout as sleep } from 'node:timers/promises';
import type { Pinecone } from '@pinecone-database/pinecone';
import { ConfigurationError, UpstreamError } from '../../errors.ts';
import { type RetryLimits, retryUpstream } from '../upstream.ts';
import { statusOf, unwrapPineconeError } from './client.ts';

export type IndexWanted = {
  indexName: string;
  dimension: number;
  /** Whether to create an absent index, true when left out; false makes it a `ConfigurationError` (`index_missing`). */
  creates?: boolean;
  /** Where to create an absent index; `aws` and `us-east-1` when left out. */
  cloud?: string;
  region?: string;
  /** Called when this call created the index. */
  onCreated?: () => void;
  /** How long to wait for a new index to become ready (60 s), and how often to poll it (1 s). */
  readyTimeoutMs?: number;
  readyPollMs?: number;
};

const METRIC = 'cosine';
const ENDED_STATES = new Set(['InitializationFailed', 'Failed', 'Disabled']);

/**
 * Resolves to the host of the index once it is ready, and creates the index if needed.
 * @throws {ConfigurationError} When the index has another dimension or metric (`index_dimension_mismatch`,
 *   `index_metric_mismatch`), is absent and must not be created (`index_missing`), or has failed (`index_unusable`).
 * @throws {UpstreamError} `index_not_ready` after `readyTimeoutMs`.
 */
export const findOrCreate = async (
  client: Pinecone,
  options: IndexWanted,
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
        const state = `the Pinecone index '${indexName}' is in the state ${index.status.state}`;
        throw new ConfigurationError(state, { code: 'index_unusable' });
      }
    }
    if (performance.now() + readyPollMs >= end) {
      const late = `the Pinecone index '${indexName}' was not ready within ${readyTimeoutMs} ms`;
      throw new UpstreamError('pinecone', late, { code: 'index_not_ready' });
    }
    await sleep(readyPollMs);
  }
};

/** The index as described or as created; undefined when another client has just created it. */
const describeOrCreate = async (
  client: Pinecone,
  { indexName, dimension, creates = true, cloud, region, onCreated }: IndexWanted,
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

const checkFit = (schema: Schema, { indexName, dimension }: IndexWanted): void => {
  // The schema is empty while Pinecone creates the index; the next poll checks it again.
  const field = Object.values(schema?.fields ?? {}).find(
    (each) => Reflect.get(each, 'type') === 'dense_vector',
  );
  if (!field) return;
  const actual = { dimension: Reflect.get(field, 'dimension'), metric: Reflect.get(field, 'metric') };
  if (actual.dimension !== dimension) {
    throw new ConfigurationError(
      `the Pinecone index '${indexName}' has ${actual.dimension} dimensions, the embedding model gives ${dimension}; ` +
        'set PINECONE_INDEX to another index, or EMBEDDING_MODEL and EMBEDDING_DIMENSIONS to fit this one',
      { code: 'index_dimension_mismatch' },
    );
  }
  if (actual.metric !== METRIC) {
    throw new ConfigurationError(
      `the Pinecone index '${indexName}' compares by ${actual.metric}, not by ${METRIC}; set PINECONE_INDEX to another index`,
      { code: 'index_metric_mismatch' },
    );
  }
};
