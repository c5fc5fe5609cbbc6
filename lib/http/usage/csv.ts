import { csvRow } from '../../files/results/csv-cells.ts';
import type { UsageFigures } from '../../usage/groups.ts';
import { nameOfGrouping, type UsageGrouping } from '../../usage/query.ts';
import type { UsageReport } from '../../usage/read.ts';

const FIGURES = [
  'requests',
  'failed_requests',
  'generations',
  'failed',
  'prompt_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'cost_usd',
  'unpriced',
  'mean_ttft_ms',
] as const satisfies (keyof UsageFigures)[];

/**
 * A report as a table: a header, then a row for each group, or one row of the total without a grouping. A cell of an
 * unknown figure is empty. `other` marks the sum of the groups that are not shown; `truncated` is that of the report.
 */
export const usageTable = (
  { groups, total, truncated }: Pick<UsageReport, 'groups' | 'total' | 'truncated'>,
  groupBy: readonly UsageGrouping[],
): string => {
  const names = groupBy.map(nameOfGrouping);
  const rows = names.length === 0 ? [{ ...total, keys: {}, other: false }] : groups;
  return [
    csvRow([...names, ...FIGURES, 'other', 'truncated'], ','),
    ...rows.map((row) => {
      const keys = new Map(Object.entries(row.keys));
      const cells = [...names.map((name) => keys.get(name)), ...FIGURES.map((figure) => row[figure])];
      return csvRow([...cells, String(row.other ?? false), String(truncated)], ',');
    }),
  ].join('');
};
