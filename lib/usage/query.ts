import { readQueryParameters } from '../runs/query-parameters.ts';

const DAY_MS = 86_400_000;
/** As long as deleted runs stay in their caller's list, by which hours are summed. */
const MAX_USAGE_DAYS = 400;
const DEFAULT_USAGE_DAYS = 7;

/** The grouping of usage; a metadata key is one of the caller's own. */
export type UsageGrouping = { by: 'model' | 'label' | 'day' } | { by: 'metadata'; key: string };

/** Selects runs created from `since` (inclusive) to `until` (exclusive), UTC instants with milliseconds. */
export type UsageQuery = { since: string; until: string; groupBy: UsageGrouping | null };

/**
 * Parses the parameters of GET /usage; by default the 7 days up to `now` (epoch ms).
 *
 * @throws {InvalidInputError} listing every wrong or unknown parameter, or when the period exceeds 400 days.
 */
export const parseUsageQuery = (parameters: Iterable<[string, string]>, now: number): UsageQuery => {
  const read = readQueryParameters(parameters, { now });
  const until = read.instant('until') ?? now;
  const since = read.instant('since') ?? until - DEFAULT_USAGE_DAYS * DAY_MS;
  const groupBy = read.text('group_by', 80);
  const grouping = groupBy === undefined ? null : groupingOf(groupBy);
  if (grouping === undefined) {
    read.refuse({ path: 'group_by', message: 'must be model, label, day or metadata.KEY' });
  }
  if (since >= until) read.refuse({ path: 'since', message: 'must be before until' });
  if (until - since > MAX_USAGE_DAYS * DAY_MS) {
    read.refuse({ path: 'since', message: `must be at most ${MAX_USAGE_DAYS} days before until` });
  }
  read.finish();
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    groupBy: grouping ?? null,
  };
};

const groupingOf = (text: string): UsageGrouping | undefined => {
  if (text === 'model' || text === 'label' || text === 'day') return { by: text };
  const key = text.startsWith('metadata.') ? text.slice('metadata.'.length) : '';
  return key !== '' && key.length <= 64 ? { by: 'metadata', key } : undefined;
};
