import { readQueryParameters } from '../runs/query-parameters.ts';

/** Which of a caller's files are listed. */
export type FileQuery = { limit: number; cursor?: string };

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;

/** A query from the parameters of GET /files. Throws `InvalidInputError` naming every wrong or unknown parameter. */
export const parseFileQuery = (parameters: Iterable<[string, string]>): FileQuery => {
  const read = readQueryParameters(parameters);
  const limit = read.int('limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT;
  const cursor = read.text('cursor', 1_000);
  read.finish();
  return { limit, ...(cursor !== undefined && { cursor }) };
};
