import type { ListRunsQuery, RunQuery } from '../../../client/index.ts';

export const STATUSES = [
  'queued',
  'generating',
  'generated',
  'completed',
  'failed',
  'cancelled',
  'deleted',
] as const satisfies readonly NonNullable<ListRunsQuery['status']>[];

export const PERIODS = ['24h', '7d', '30d'] as const;

/** Figures that have bounds, as the API names them, and a column by which the list is sorted. */
export const BOUNDED = ['ttft_ms', 'tpot_ms', 'e2e_ms', 'cost_usd', 'tokens'] as const;

export type BoundedFigure = (typeof BOUNDED)[number];

export type SortColumn = BoundedFigure | 'created_at';

/** Filters behind `More filters`; those of metadata are `metadata.KEY`. */
const MORE: readonly string[] = [
  'until',
  'file',
  'conversation',
  ...BOUNDED.flatMap((figure) => [`min_${figure}`, `max_${figure}`]),
];

const FILTERS: readonly string[] = ['status', 'model', 'label', 'since', ...MORE];

const METADATA = 'metadata.';

const isFilter = (name: string): boolean => FILTERS.includes(name) || name.startsWith(METADATA);

/** The query of the API that the address asks for. A value that is wrong there is refused by the API, which says why. */
export const runQueryOf = (query: URLSearchParams): RunQuery => {
  const given = [...query].filter(([name, value]) => value !== '' && (isFilter(name) || name === 'sort'));
  return Object.fromEntries(given);
};

/** The filters without the order, as an export takes them. */
export const filtersOf = (query: URLSearchParams): RunQuery => {
  const { sort: _, ...filters } = runQueryOf(query);
  return filters;
};

export const countMore = (query: URLSearchParams): number =>
  [...query].filter(([name, value]) => value !== '' && (MORE.includes(name) || name.startsWith(METADATA)))
    .length;

/** The filters by metadata as a person writes them: `team=docs`, one a line. */
export const metadataText = (query: URLSearchParams): string =>
  [...query]
    .flatMap(([name, value]) =>
      name.startsWith(METADATA) ? [`${name.slice(METADATA.length)}=${value}`] : [],
    )
    .join(', ');

/**
 * The changes of the address that make its filters by metadata those of a text: `team=docs, ticket=ET-1`. A value may
 * have `=` in it, but no comma.
 *
 * @returns undefined where a part is no `key=value`
 */
export const metadataChanges = (
  text: string,
  query: URLSearchParams,
): { [name: string]: string | null } | undefined => {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => /^(?<key>[^=]+)=(?<value>.+)$/s.exec(part)?.groups);
  const changes = new Map<string, string | null>(
    [...query.keys()].filter((name) => name.startsWith(METADATA)).map((name) => [name, null]),
  );
  for (const part of parts) {
    if (part === undefined) return undefined;
    changes.set(`${METADATA}${part.key?.trim()}`, part.value?.trim() ?? '');
  }
  return Object.fromEntries(changes);
};

/** Nulls for all filters, which clear them. */
export const noFilters = (query: URLSearchParams): { [name: string]: null } =>
  Object.fromEntries([...query.keys()].filter(isFilter).map((name) => [name, null]));

/** The order that a click on a column's heading asks for: greatest first, then least first, then the usual one. */
export const nextSort = (column: SortColumn, sort: string | null): string | null => {
  if (column === 'created_at') return sort === 'created_at' ? null : 'created_at';
  if (sort === `-${column}`) return column;
  return sort === column ? null : `-${column}`;
};

/** Whether the list is newest first: new runs then come at its beginning. */
export const isNewestFirst = (sort: string | null): boolean =>
  sort === null || sort === '' || sort === '-created_at';

/** The orders by their names, where columns have no headings. */
export const SORTS: readonly { value: string; label: string }[] = [
  { value: '', label: 'Newest first' },
  { value: 'created_at', label: 'Oldest first' },
  { value: '-ttft_ms', label: 'Slowest first token' },
  { value: 'ttft_ms', label: 'Fastest first token' },
  { value: '-tpot_ms', label: 'Slowest per token' },
  { value: 'tpot_ms', label: 'Fastest per token' },
  { value: '-e2e_ms', label: 'Longest time' },
  { value: 'e2e_ms', label: 'Shortest time' },
  { value: '-cost_usd', label: 'Dearest' },
  { value: 'cost_usd', label: 'Cheapest' },
  { value: '-tokens', label: 'Most tokens' },
  { value: 'tokens', label: 'Fewest tokens' },
];
