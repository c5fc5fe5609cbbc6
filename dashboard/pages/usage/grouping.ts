import type { UsageReport } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';

export type UsageGroup = UsageReport['groups'][number];

/** The grouping of a report. An operator groups by callers, and a caller by its own labels. */
export type Grouping = { by: 'model' | 'label' | 'day' | 'caller' } | { by: 'metadata'; key: string };

const NAMES = ['model', 'label', 'day', 'caller'] as const;

export const groupingOf = (query: URLSearchParams): Grouping => {
  const by = query.get('by');
  if (by === 'metadata') return { by, key: query.get('key') ?? '' };
  return { by: NAMES.find((name) => name === by) ?? 'model' };
};

/** Its name in `group_by` and in a group's keys. */
const nameOf = (grouping: Grouping): string =>
  grouping.by === 'metadata' ? `metadata.${grouping.key}` : grouping.by;

/** `group_by`, where a comma within a key of metadata has a backslash before it. */
export const groupBy = (groupings: readonly Grouping[]): string =>
  groupings.map((grouping) => nameOf(grouping).replaceAll(',', '\\,')).join(',');

/** As a heading of the groups. */
export const titleOf = (grouping: Grouping): string => {
  if (grouping.by === 'metadata') return shownLine(grouping.key);
  return { model: 'Model', label: 'Label', day: 'Day (UTC)', caller: 'Caller' }[grouping.by];
};

const keyOf = ({ keys }: UsageGroup, grouping: Grouping): string | null =>
  new Map(Object.entries(keys)).get(nameOf(grouping)) ?? null;

/** The day of a group of a grouping by days. */
export const dayOf = (group: UsageGroup): string | null => keyOf(group, { by: 'day' });

/** A text that no two groups share; the sum of the groups that the API leaves out has one apart from runs without a key. */
export const idOf = (group: UsageGroup, grouping: Grouping): string =>
  group.other === true ? 'other' : JSON.stringify(keyOf(group, grouping));

/** A group's name; `isOwn` is false where it is ours and not its key. */
export const labelOf = (group: UsageGroup, grouping: Grouping): { text: string; isOwn: boolean } => {
  if (group.other === true) return { text: 'all other groups', isOwn: false };
  const key = keyOf(group, grouping);
  if (key !== null && key !== '') return { text: shownLine(key), isOwn: true };
  if (key === '') return { text: 'empty', isOwn: false };
  if (grouping.by === 'metadata') return { text: `without ${shownLine(grouping.key)}`, isOwn: false };
  return { text: grouping.by === 'label' ? 'no label' : 'names erased', isOwn: false };
};
