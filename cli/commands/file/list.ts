import { Option } from '@commander-js/extra-typings';
import type { FileSummary } from '../../../client/index.ts';
import { FILE_STATUSES } from '../../../lib/files/prompt-file.ts';
import { useApi, withApi, withTable } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { firstItems } from '../../first-items.ts';
import { oneValue, parseWhole } from '../../option-values.ts';
import { parseTime } from '../../period.ts';
import { type Column, printTable } from '../../terminal/print-table.ts';
import { localTime } from '../../terminal/time.ts';
import { counted, dollars } from '../../terminal/units.ts';

const SHOWN = 20;
const NOT_BEGUN = 'not begun';

export const define: Define = (command) => {
  withTable(withApi(command))
    .option('--since <time>', 'created at or after this: 7d, a date or a time', oneValue(parseTime('since')))
    .option('--until <time>', 'created before this; a date with its whole day', oneValue(parseTime('until')))
    .addOption(new Option('--status <status>', 'files in this state').choices(FILE_STATUSES))
    .option('--limit <n>', 'the most files', oneValue(parseWhole(1)), SHOWN)
    .addHelpText(
      'after',
      examples(
        ['everytoken file list', 'the newest files'],
        ['everytoken file list --status generating', 'those under way'],
        ['everytoken file list --since 30d --limit 1000 --csv', 'as CSV'],
      ),
    )
    .action(({ since, until, status, limit, ...options }) =>
      useApi(options, async ({ client, screen, json, note, signal }) => {
        const query = { ...(since && { since }), ...(until && { until }), ...(status && { status }) };
        const all = client.files.all({ ...query, limit: Math.min(100, limit) }, { signal });
        const { items: files, isMore } = await firstItems(all, limit);
        if (options.json) return json(files);
        // Of rows that a stop left out, a table without a stopped file has nothing to tell.
        const isNarrower = !options.csv && files.every(({ counts }) => counts.not_begun === 0);
        const columns = isNarrower ? COLUMNS.filter(({ title }) => title !== NOT_BEGUN) : COLUMNS;
        printTable(screen, columns, files, { csv: options.csv });
        if (files.length === 0) note('no files');
        if (isMore) note(`these are the newest ${limit}; --limit shows more`);
      }),
    );
};

const stateOf = ({ status, stopped, ended_at }: FileSummary): string => {
  if (stopped && ended_at !== null) return 'stopped';
  return status === 'completed_with_errors' ? 'with errors' : status.replaceAll('_', ' ');
};

const COLUMNS: Column<FileSummary>[] = [
  {
    title: 'created',
    text: ({ created_at }) => localTime(created_at),
    csv: ({ created_at }) => created_at,
    left: true,
    optional: 4,
  },
  { title: 'file', text: ({ id }) => id, left: true },
  {
    title: 'status',
    text: stateOf,
    csv: ({ status }) => status,
    left: true,
  },
  {
    title: 'rows',
    text: ({ counts }) => counted(counts.lines),
    csv: ({ counts }) => counts.lines,
    optional: 2,
  },
  {
    title: 'answered',
    text: ({ counts }) => counted(counts.completed),
    csv: ({ counts }) => counts.completed,
    optional: 5,
  },
  {
    title: 'failed',
    text: ({ counts }) => counted(counts.failed - counts.not_begun),
    csv: ({ counts }) => counts.failed,
    optional: 1,
  },
  {
    title: NOT_BEGUN,
    text: ({ counts }) => counted(counts.not_begun),
    csv: ({ counts }) => counts.not_begun,
    optional: 1,
  },
  {
    title: 'paid',
    text: ({ paid_usd }) => dollars(paid_usd),
    csv: ({ paid_usd }) => paid_usd,
    optional: 3,
  },
  { title: 'name', text: ({ filename }) => filename, fills: true },
];
