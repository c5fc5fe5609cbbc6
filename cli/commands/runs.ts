import { useApi, withApi, withTable } from '../api-command.ts';
import { type Define, examples, UsageError } from '../command.ts';
import { oneValue, parseWhole } from '../option-values.ts';
import { EXACT, SHOWN } from '../runs/list-columns.ts';
import { parseSort, queryOf, readList, withRunFilters } from '../runs/list-query.ts';
import { printTable } from '../terminal/print-table.ts';

const FIGURES = `
A run has the mean times of its outputs, the sum of their tokens, and their cost.
Bounds are inclusive; a run in which a figure is unknown meets no bound of it.
Dates and times are those of your time zone.`;

const DEFAULT_LIMIT = 20;

export const define: Define = (command) => {
  withApi(
    withTable(
      withRunFilters(command)
        .option(
          '--sort <figure>',
          'by created, ttft, tpot, e2e, cost or tokens; -cost is the greatest first',
          oneValue(parseSort),
        )
        .option('--limit <count>', `how many, ${DEFAULT_LIMIT} by default`, oneValue(parseWhole(1)))
        .option('--all', 'all of them')
        .option('--watch', 'show how the list changes, until Ctrl-C'),
    ),
  )
    .addHelpText('after', FIGURES)
    .addHelpText(
      'after',
      examples(
        ['everytoken runs', 'the newest runs'],
        ['everytoken runs --since 7d --status failed', ''],
        ['everytoken runs --since today --sort -cost --limit 5', "today's most expensive ones"],
        ['everytoken runs --min-ttft 500 --metadata team=docs', 'slow ones of a team'],
        ['everytoken runs --watch', ''],
        ['everytoken runs --since 30d --all --csv > runs.csv', ''],
      ),
    )
    .action((options) =>
      useApi(options, async (context) => {
        const { client, screen, json, note, again, signal } = context;
        const filters = queryOf(options);
        const query = { ...filters, ...(options.sort && { sort: options.sort }) };
        const limit = options.all ? Number.POSITIVE_INFINITY : (options.limit ?? DEFAULT_LIMIT);
        if (options.watch) {
          if (options.json || options.csv)
            throw new UsageError('--watch shows runs as they change: leave out --json and --csv');
          const { watchList } = await import('../runs/watch-list.ts');
          return await watchList(query, limit, context);
        }
        const list = await readList(client, query, limit, signal);
        if (options.json) json(list);
        else printTable(screen, options.csv ? EXACT : SHOWN, list.data, { csv: options.csv });
        if (list.data.length === 0)
          note(
            Object.keys(filters).length > 0
              ? 'no run matches'
              : `there are no runs yet: ${again('run "Explain vector databases."')}`,
          );
        if (list.next_cursor !== null && !options.json)
          note('there are more: give a higher --limit, or --all');
        return 0;
      }),
    );
};
