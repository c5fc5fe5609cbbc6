import type { JsonObject } from '../json.ts';
import { bestMatches, type Match } from './best-matches.ts';
import { shortestDecimal } from './float32.ts';
import { parseMetadataFilter } from './metadata-filter.ts';
import { invalid } from './pinecone-error.ts';
import { asFlag, asInteger, asObject, isAbsent, parseNamespace } from './request-input.ts';
import type { Measured } from './similarity.ts';
import type { VectorIndex } from './vector-index.ts';
import { parseId, parseValues, refuseSparse, type VectorRecord } from './vector-input.ts';
import { USAGE } from './vector-reads.ts';

const MAX_TOP_K = 10_000;
const MAX_RESULT_BYTES = 4 * 1024 * 1024;

const everyRecord = (): boolean => true;

/** The query's own vector, or that of a stored record; `undefined` when there is no such record. */
const queryVector = (index: VectorIndex, namespace: string, input: JsonObject): Measured | undefined => {
  refuseSparse(input.sparseVector);
  if (isAbsent(input.id) === isAbsent(input.vector)) throw invalid('a query takes either id or vector');
  return isAbsent(input.id)
    ? parseValues(input.vector, index.definition.dimension)
    : index.find(namespace, parseId(input.id));
};

const answered = (match: Match<VectorRecord>, includeValues: boolean, includeMetadata: boolean): object => {
  const { id, values, metadata } = match.record;
  return {
    id,
    score: shortestDecimal(Math.fround(match.score)),
    values: includeValues ? Array.from(values, shortestDecimal) : [],
    ...(includeMetadata && metadata !== undefined ? { metadata } : {}),
  };
};

const refuseLargeResult = (matches: readonly object[]): void => {
  const bytes = Buffer.byteLength(JSON.stringify(matches));
  if (bytes <= MAX_RESULT_BYTES) return;
  throw invalid(
    `The result is ${bytes} bytes, which exceeds the limit of ${MAX_RESULT_BYTES} bytes: ask for a lower topK, or leave out values or metadata`,
  );
};

/** `POST /query` finds the exact nearest `topK` records among those that pass the filter. */
export const queryVectors = async (index: VectorIndex, body: unknown): Promise<object> => {
  const input = asObject(body, 'the body');
  const namespace = parseNamespace(input.namespace);
  const topK = asInteger(input.topK, 'topK', 1, MAX_TOP_K);
  const includeValues = asFlag(input.includeValues, 'includeValues');
  const includeMetadata = asFlag(input.includeMetadata, 'includeMetadata');
  const filter = isAbsent(input.filter) ? undefined : parseMetadataFilter(input.filter);
  const passes = filter ? ({ metadata }: VectorRecord) => filter(metadata ?? {}) : everyRecord;
  const query = queryVector(index, namespace, input);
  const found = query
    ? await bestMatches(index.records(namespace), query, index.definition.metric, topK, passes)
    : [];
  const matches = found.map((match) => answered(match, includeValues, includeMetadata));
  refuseLargeResult(matches);
  return { results: [], matches, namespace, ...USAGE };
};
