import { dropAbsent } from '../../json/value.ts';
import { trueModel } from '../../sampling/server.ts';
import type { ListQuery } from '../ports.ts';
import { type QueryParameters, readQueryParameters } from '../query-parameters.ts';
import type { RequestDefaults } from '../request.ts';
import { MAX_CONVERSATION } from '../request-schema.ts';
import { RUN_STATUSES } from '../run.ts';
import { LIST_FIGURES, type ListBounds } from './figures.ts';
import { SORTS, sortOf } from './sorted.ts';

/**
 * Parses the parameters of GET /runs. `since` (inclusive) and `until` (exclusive) become UTC instants with
 * milliseconds, which compare with `createdAt` as strings. The store validates the cursor.
 *
 * @throws {InvalidInputError} listing every wrong or unknown parameter.
 */
export const parseRunQuery = (parameters: Iterable<[string, string]>, caller: string): ListQuery => {
  const read = readQueryParameters(parameters);
  const sort = read.oneOf('sort', SORTS);
  const found = {
    limit: read.limit(),
    cursor: read.text('cursor', 2_000),
    ...readRunFilters(read),
    sort: sort && sortOf(sort),
  };
  read.finish();
  return dropAbsent({ caller, ...found });
};

/** The query with the true name of its model, for which an alias may stand. */
export const withTrueModel = <Query extends { model?: string }>(
  query: Query,
  { routeOf }: Pick<RequestDefaults, 'routeOf'>,
): Query =>
  routeOf && query.model !== undefined ? { ...query, model: trueModel(routeOf, query.model) } : query;

/** The filters of a list of runs. */
export const readRunFilters = (read: QueryParameters) => ({
  status: read.oneOf('status', RUN_STATUSES),
  model: read.text('model', 200),
  label: read.text('label', 100),
  file: read.text('file', 1_100),
  conversation: read.text('conversation', MAX_CONVERSATION),
  metadata: read.metadata(),
  ...read.period(),
  bounds: readBounds(read),
});

/** The bounds `min_…` and `max_…` of each figure; undefined without any. */
const readBounds = (read: QueryParameters): ListBounds | undefined => {
  const bounds: ListBounds = {};
  for (const figure of LIST_FIGURES) {
    const [min, max] = [read.amount(`min_${figure}`), read.amount(`max_${figure}`)];
    if (min !== undefined && max !== undefined && min > max)
      read.refuse({ path: `min_${figure}`, message: `must be at most max_${figure}` });
    if (min !== undefined || max !== undefined) bounds[figure] = dropAbsent({ min, max });
  }
  return Object.keys(bounds).length > 0 ? bounds : undefined;
};
