import type { ApiError } from '../../client/index.ts';
import { useApi, withApi, withTable } from '../api-command.ts';
import { CommandError, type Define, examples, UsageError } from '../command.ts';
import { oneValue } from '../option-values.ts';
import { parseTime } from '../period.ts';
import { PROGRAM } from '../program-name.ts';
import { printable } from '../terminal/printable.ts';

export const define: Define = (command) => {
  withTable(withApi(command))
    .option(
      '--by <names>',
      'model, label, day, metadata.KEY or caller; one, or two: model,day',
      oneValue(parseBy),
    )
    .option('--month <month>', 'a month in UTC, as bills are: 2026-10', oneValue(parseMonth))
    .option('--since <time>', 'from: 7d, a date or a time (7d by default)', oneValue(parseTime('since')))
    .option('--until <time>', 'to; a date with its whole day', oneValue(parseTime('until')))
    .option('--caller <name>', "one caller alone, with an operator's key")
    .addHelpText(
      'after',
      examples(
        ['everytoken usage', 'the last 7 days, and what is left today'],
        ['everytoken usage --by model,day --month 2026-10', 'a month by model and day'],
        ['everytoken usage --by metadata.team --since 30d', 'by your own metadata'],
        ['everytoken usage --by caller --stage prod', "with an operator's key"],
        ['everytoken usage --by day --csv', 'for a spreadsheet'],
      ) + DAYS,
    )
    .action(({ by, month, since, until, caller, ...options }) =>
      useApi(options, async (context) => {
        if (month !== undefined && (since !== undefined || until !== undefined))
          throw new UsageError('--month excludes --since and --until: give the month alone, or its bounds');
        const { dropAbsent } = await import('../../lib/json/value.ts');
        const query = dropAbsent({ group_by: by, since, until, caller, ...month });
        const { client, screen, json, signal } = context;
        if (options.csv) {
          const table = await client.usageCsv(query, { signal }).catch(explainCaller(by));
          return screen.write(process.stdout.isTTY ? printable(table) : table);
        }
        const report = await client.usage(query, { signal }).catch(explainCaller(by));
        if (options.json) return json(report);
        const { showUsage } = await import('./usage/show-usage.ts');
        showUsage(report, context);
      }),
    );
};

/** Explains the refusal of --by caller: the API tells a caller's key of the other groupings alone. */
const explainCaller = (by: string | undefined) => (error: Partial<ApiError>) => {
  const refusal = error.errors?.find(({ path }) => path === 'group_by')?.message ?? 'caller';
  if (!by?.split(',').includes('caller') || refusal.includes('caller')) throw error;
  throw new CommandError(
    `--by caller needs an operator's key: set EVERYTOKEN_KEY to one (${PROGRAM} keys add --operator ops)`,
    { cause: error },
  );
};

const DAYS = `

Days and months are those of UTC. Deleted runs stay counted.`;

const NAMES = ['model', 'label', 'day', 'caller'];

/** A comma within a key of metadata has a backslash before it. */
const parseBy = (text: string): string => {
  const names = text.split(/(?<!\\),/).map((name) => name.trim());
  const wrong = names.find((name) => !NAMES.includes(name) && !/^metadata\../.test(name));
  if (wrong !== undefined)
    throw new CommandError(`'${wrong}' is none of ${NAMES.join(', ')} and metadata.KEY`);
  if (names.length > 2) throw new CommandError('it takes two at most');
  if (new Set(names).size < names.length) throw new CommandError('it takes two different ones');
  return names.join(',');
};

const parseMonth = (text: string): { since: string; until: string } => {
  const [, year = '', month = ''] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === '') throw new CommandError('it takes a month such as 2026-10');
  const first = (at: number) => new Date(Date.UTC(Number(year), at, 1)).toISOString();
  return { since: first(Number(month) - 1), until: first(Number(month)) };
};
