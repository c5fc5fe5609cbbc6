import { dropAbsent } from '../../json/value.ts';
import type { ListQuery } from '../ports.ts';
import { readQueryParameters } from '../query-parameters.ts';
import { RUN_STATUSES } from '../run.ts';

/**
 * Parses the parameters of GET /runs. `since` (inclusive) and `until` (exclusive) become UTC instants with
 * milliseconds, which compare with `createdAt` as strings. The store validates the cursor.
 *
 * @throws {InvalidInputError} listing every wrong or unknown parameter.
 */
export const parseRunQuery = (parameters: Iterable<[string, string]>, caller: string): ListQuery => {
  const read = readQueryParameters(parameters, { notServed: ['format'] });
  const found = {
    limit: read.limit(),
    cursor: read.text('cursor', 2_000),
    status: read.oneOf('status', RUN_STATUSES),
    model: read.text('model', 200),
    label: read.text('label', 100),
    file: read.text('file', 1_100),
    metadata: read.metadata(),
    ...read.period(),
  };
  read.finish();
  return dropAbsent({ caller, ...found });
};
