import type { IndexDefinition } from './index-definition.ts';

const FIRST_VERSION_WITH_SCHEMA = '2026-07';
const READ_CAPACITY = { mode: 'OnDemand', status: { state: 'Ready' } };

/**
 * An index as the control plane describes it to a client of that API version (`x-pinecone-api-version`):
 * from 2026-07 with `schema` and `deployment`, before (or without a version) with `dimension`, `metric` and `spec`.
 * `host` keeps its `http://`, which the SDK respects.
 */
export const describeIndex = (
  index: IndexDefinition,
  host: string,
  apiVersion: string | undefined,
): object => {
  const { name, dimension, metric, cloud, region } = index;
  const shared = {
    name,
    host,
    status: { ready: true, state: 'Ready' },
    deletion_protection: index.deletionProtection ? 'enabled' : 'disabled',
    tags: Object.keys(index.tags).length === 0 ? null : index.tags,
  };
  return apiVersion !== undefined && apiVersion >= FIRST_VERSION_WITH_SCHEMA
    ? {
        ...shared,
        schema: { fields: { _values: { type: 'dense_vector', dimension, metric } } },
        deployment: { deployment_type: 'managed', cloud, region },
        read_capacity: READ_CAPACITY,
      }
    : {
        ...shared,
        dimension,
        metric,
        vector_type: 'dense',
        spec: { serverless: { cloud, region, read_capacity: READ_CAPACITY } },
      };
};
