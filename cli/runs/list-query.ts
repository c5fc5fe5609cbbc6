import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import type { Everytoken, RunList, RunQuery } from '../../client/index.ts';
import { dropAbsent } from '../../lib/json/value.ts';
import { RUN_STATUSES, type RunStatus } from '../../lib/runs/run.ts';
import { CommandError } from '../command.ts';
import { eachValue, oneValue, parsePair } from '../option-values.ts';
import { parseTime } from '../period.ts';
import { PROGRAM } from '../program-name.ts';
import { type Bounds, boundsOf, withBounds } from './bounds.ts';

const parseFileId = (text: string): string => {
  if (text.startsWith('file_')) return text;
  throw new CommandError(`it takes the id of a file, file_…; ${PROGRAM} file list shows the ids`);
};

const SORTS: ReadonlyMap<string, string> = new Map([
  ['created', 'created_at'],
  ['ttft', 'ttft_ms'],
  ['tpot', 'tpot_ms'],
  ['e2e', 'e2e_ms'],
  ['cost', 'cost_usd'],
  ['tokens', 'tokens'],
]);

/** Adds the filters of a list of runs. */
export const withRunFilters = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  withBounds(
    command
      .option(
        '--since <time>',
        'created since then: 30m, 24h, 7d, today, 2026-11-30',
        oneValue(parseTime('since')),
      )
      .option('--until <time>', 'created before then; a date is included', oneValue(parseTime('until')))
      .option('--model <name>', 'of this model, or of this provider')
      .option('--label <label>', 'with a setting of this label')
      .addOption(new Option('--status <status>', 'with this status').choices(RUN_STATUSES))
      .option('--file <id>', 'of this prompt file; file list shows the ids', oneValue(parseFileId))
      .option('--metadata <name=value>', 'with this pair; repeatable', eachValue(parsePair))
      .option('--conversation <name>', 'turns of this conversation'),
  );

export type Filters = Bounds & {
  since?: string | undefined;
  until?: string | undefined;
  model?: string | undefined;
  label?: string | undefined;
  status?: RunStatus | undefined;
  file?: string | undefined;
  metadata?: [string, string][] | undefined;
  conversation?: string | undefined;
};

/** The query that the filters of a command make. */
export const queryOf = (filters: Filters): RunQuery => ({
  ...dropAbsent({
    since: filters.since,
    until: filters.until,
    model: filters.model,
    label: filters.label,
    status: filters.status,
    file: filters.file,
    conversation: filters.conversation,
  }),
  ...boundsOf(filters),
  ...Object.fromEntries((filters.metadata ?? []).map(([key, value]) => [`metadata.${key}`, value])),
});

/**
 * Reads an order by its short name or the API's: `cost`, `-cost_usd`.
 *
 * @throws {CommandError} naming the orders that there are
 */
export const parseSort = (text: string): NonNullable<RunQuery['sort']> => {
  const name = text.replace(/^-/, '');
  const sort = [...SORTS].find(([short, long]) => name === short || name === long)?.[1];
  if (sort === undefined)
    throw new CommandError(
      `it takes ${[...SORTS.keys()].join(', ')}, or one of them after a - for the greatest first`,
    );
  return `${text.startsWith('-') ? '-' : ''}${sort}` as NonNullable<RunQuery['sort']>;
};

const LONGEST_PAGE = 100;

/** The first `limit` runs of a list, in as many requests as that takes, and the cursor of the next one. */
export const readList = async (
  client: Everytoken,
  query: RunQuery,
  limit: number,
  signal: AbortSignal,
): Promise<RunList> => {
  const data: RunList['data'] = [];
  let cursor: string | null | undefined;
  do {
    const page = await client.runs.list(
      { ...query, limit: Math.min(LONGEST_PAGE, limit - data.length), ...(cursor && { cursor }) },
      { signal },
    );
    data.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null && data.length < limit);
  return { data, next_cursor: cursor };
};
