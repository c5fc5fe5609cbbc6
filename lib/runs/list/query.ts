import { dropAbsent } from '../../json/value.ts';
import type { ListQuery } from '../ports.ts';
import { readQueryParameters } from '../query-parameters.ts';
import { RUN_STATUSES } from '../run.ts';

const DEFAULT_LIST_LIMIT = 20;
const MAX_LIST_LIMIT = 100;

/**
 * Parses the parameters of GET /runs. `since` (inclusive) and `until` (exclusive) become UTC instants with
 * milliseconds, which compare with `createdAt` as strings. The store validates the cursor.
 *
 * @throws {InvalidInputError} listing every wrong or unknown parameter.
 */
export const parseRunQuery = (parameters: Iterable<[string, string]>, caller: string): ListQuery => {
  const read = readQueryParameters(parameters, ['format']);
  const since = read.instant('since');
  const until = read.instant('until');
  const found = {
    limit: read.int('limit', 1, MAX_LIST_LIMIT) ?? DEFAULT_LIST_LIMIT,
    cursor: read.text('cursor', 2_000),
    status: read.oneOf('status', RUN_STATUSES),
    model: read.text('model', 200),
    label: read.text('label', 100),
    file: read.text('file', 1_100),
    metadata: read.metadata(),
  };
  if (since !== undefined && until !== undefined && since >= until) {
    read.refuse({ path: 'since', message: 'must be before until' });
  }
  read.finish();
  return dropAbsent({
    caller,
    ...found,
    since: since === undefined ? undefined : new Date(since).toISOString(),
    until: until === undefined ? undefined : new Date(until).toISOString(),
  });
};
