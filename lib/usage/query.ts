import type { InputIssue } from '../errors.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';

const DAY_MS = 86_400_000;
/** As long as deleted runs stay in their caller's list, by which hours are summed. */
const MAX_USAGE_DAYS = 400;
const DEFAULT_USAGE_DAYS = 7;
const MAX_GROUPINGS = 2;

/** A grouping of usage; a metadata key is one of the caller's own. */
export type UsageGrouping = { by: 'model' | 'label' | 'day' | 'caller' } | { by: 'metadata'; key: string };

/**
 * Selects runs created from `since` (inclusive) to `until` (exclusive), UTC instants with milliseconds. `groupBy` has two
 * groupings at most. `caller` is the one whose usage an operator asks for, null: of all.
 */
export type UsageQuery = {
  since: string;
  until: string;
  groupBy: UsageGrouping[];
  caller: string | null;
  format: 'json' | 'csv';
};

/** For an operator: the keys of metadata by which it has usage summed. */
export type Asking = { operator: boolean; usageKeys?: readonly string[] };

/** The name of a grouping, as `group_by` has it. */
export const nameOfGrouping = (grouping: UsageGrouping): string =>
  grouping.by === 'metadata' ? `metadata.${grouping.key}` : grouping.by;

/**
 * Parses the parameters of GET /usage; by default the 7 days up to `now` (epoch ms). Labels and metadata are callers' own
 * words, so an operator groups by neither, but for the keys that it named itself.
 *
 * @throws {InvalidInputError} listing every wrong or unknown parameter, or when the period exceeds 400 days.
 */
export const parseUsageQuery = (
  parameters: Iterable<[string, string]>,
  now: number,
  asking: Asking = { operator: false },
): UsageQuery => {
  const read = readQueryParameters(parameters, { now });
  const until = read.instant('until') ?? now;
  const since = read.instant('since') ?? until - DEFAULT_USAGE_DAYS * DAY_MS;
  const { groupBy, issues } = groupingsOf(read.text('group_by', 160), asking);
  for (const issue of issues) read.refuse(issue);
  const format = read.oneOf('format', ['json', 'csv']) ?? 'json';
  const caller = asking.operator ? read.text('caller', 64) : undefined;
  if (since >= until) read.refuse({ path: 'since', message: 'must be before until' });
  if (until - since > MAX_USAGE_DAYS * DAY_MS) {
    read.refuse({ path: 'since', message: `must be at most ${MAX_USAGE_DAYS} days before until` });
  }
  read.finish();
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    groupBy,
    caller: caller ?? null,
    format,
  };
};

/** A comma within a metadata key has a backslash before it. */
const SEPARATOR = /(?<!\\),/;

const groupingsOf = (
  text: string | undefined,
  asking: Asking,
): { groupBy: UsageGrouping[]; issues: InputIssue[] } => {
  const names = text?.split(SEPARATOR) ?? [];
  const refused = (message: string) => ({ groupBy: [], issues: [{ path: 'group_by', message }] });
  if (names.length > MAX_GROUPINGS) return refused(`must be ${MAX_GROUPINGS} groupings at most`);
  if (new Set(names).size < names.length) return refused('must not have the same grouping twice');
  const groupBy: UsageGrouping[] = [];
  for (const name of names) {
    const grouping = groupingOf(name.replaceAll('\\,', ','));
    const rule = asking.operator ? 'model, day, caller or metadata.KEY' : 'model, label, day or metadata.KEY';
    if (!grouping || (grouping.by === 'caller' && !asking.operator))
      return refused(`must be ${rule}, or two of them with a comma between`);
    if (asking.operator && isCallersWord(grouping, asking.usageKeys ?? []))
      return refused(
        `${name} is written by callers: an operator groups by model, day, caller and the metadata of USAGE_KEYS`,
      );
    groupBy.push(grouping);
  }
  return { groupBy, issues: [] };
};

const isCallersWord = (grouping: UsageGrouping, usageKeys: readonly string[]): boolean =>
  grouping.by === 'label' || (grouping.by === 'metadata' && !usageKeys.includes(grouping.key));

const groupingOf = (text: string): UsageGrouping | undefined => {
  if (text === 'model' || text === 'label' || text === 'day' || text === 'caller') return { by: text };
  const key = text.startsWith('metadata.') ? text.slice('metadata.'.length) : '';
  return key !== '' && key.length <= 64 ? { by: 'metadata', key } : undefined;
};
