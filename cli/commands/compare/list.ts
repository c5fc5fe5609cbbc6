import { Option } from '@commander-js/extra-typings';
import type { ComparisonSummary } from '../../../client/index.ts';
import { COMPARISON_STATUSES } from '../../../lib/comparisons/view.ts';
import { useApi, withApi, withTable } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { firstItems } from '../../first-items.ts';
import { oneValue, parseWhole } from '../../option-values.ts';
import { parseTime } from '../../period.ts';
import { type Column, printTable } from '../../terminal/print-table.ts';
import { shortTime } from '../../terminal/time.ts';
import { counted } from '../../terminal/units.ts';

const SHOWN = 20;

export const define: Define = (command) => {
  withTable(withApi(command))
    .option('--since <time>', 'created at or after this: 7d, a date or a time', oneValue(parseTime('since')))
    .option('--until <time>', 'created before this; a date with its whole day', oneValue(parseTime('until')))
    .addOption(new Option('--status <status>', 'comparisons in this state').choices(COMPARISON_STATUSES))
    .option('--limit <n>', 'the most comparisons', oneValue(parseWhole(1)), SHOWN)
    .addHelpText(
      'after',
      examples(
        ['everytoken compare list', 'the newest comparisons'],
        ['everytoken compare list --status generating', 'those under way'],
        ['everytoken compare list --since 30d --csv', 'as CSV'],
      ),
    )
    .action(({ since, until, status, limit, ...options }) =>
      useApi(options, async ({ client, screen, json, note, signal }) => {
        const query = { ...(since && { since }), ...(until && { until }), ...(status && { status }) };
        const all = client.comparisons.all({ ...query, limit: Math.min(100, limit) }, { signal });
        const { items: comparisons, isMore } = await firstItems(all, limit);
        if (options.json) return json(comparisons);
        printTable(screen, COLUMNS, comparisons, { csv: options.csv });
        if (comparisons.length === 0) note('no comparisons');
        if (isMore) note(`these are the newest ${limit}; --limit shows more`);
      }),
    );
};

const COLUMNS: Column<ComparisonSummary>[] = [
  {
    title: 'created',
    text: ({ created_at }) => shortTime(created_at),
    csv: ({ created_at }) => created_at,
    left: true,
    optional: true,
  },
  { title: 'comparison', text: ({ id }) => id, left: true },
  {
    title: 'status',
    text: ({ status, stopped }) =>
      stopped ? 'cancelled' : status === 'completed_with_errors' ? 'with errors' : status,
    csv: ({ status }) => status,
    left: true,
  },
  {
    title: 'blocks',
    text: ({ progress }) => `${counted(progress.done)} of ${counted(progress.blocks)}`,
    csv: ({ progress }) => progress.blocks,
    optional: true,
  },
  {
    title: 'name or settings',
    text: ({ name, settings }) => name ?? settings.map(({ label }) => label).join(' | '),
    fills: true,
  },
];
