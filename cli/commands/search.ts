import { useApi, withApi, withTable } from '../api-command.ts';
import { type Define, examples } from '../command.ts';
import { eachValue, oneValue, parsePair, parseWhole } from '../option-values.ts';
import { parseTime } from '../period.ts';
import { withBounds } from '../runs/bounds.ts';

const SHOWN = 10;

export const define: Define = (command) => {
  withBounds(
    withTable(withApi(command.argument('<query>', 'what the outputs are about, or rare words in them')))
      .option('--top-k <n>', 'the most outputs', oneValue(parseWhole(1, 100)), SHOWN)
      .option('--since <time>', 'of runs since: 7d, a date or a time', oneValue(parseTime('since')))
      .option('--until <time>', 'of runs before; a date with its whole day', oneValue(parseTime('until')))
      .option('--model <name>', 'of this requested model')
      .option('--label <label>', 'of settings with this label')
      .option('--run <id>', 'of this run')
      .option('--metadata <name=value>', 'of runs with this metadata; can be repeated', eachValue(parsePair)),
  )
    .addHelpText(
      'after',
      examples(
        ['everytoken search "how a cache is invalidated"', 'by meaning'],
        ['everytoken search "ERR_4411" --since 7d', 'a rare word is found literally'],
        ['everytoken search "retries" --metadata team=docs', 'of some runs'],
        ['everytoken search "retries" --max-cost 0.001', 'of cheap outputs'],
      ) + BOUNDS,
    )
    .action((query, options) =>
      useApi(options, async (context) => {
        const { client, json, signal } = context;
        const { filterOf, showMatches } = await import('./search/matches.ts');
        const found = await client.search(
          { query, top_k: options.topK, filter: filterOf(options) },
          { signal },
        );
        if (options.json) return json(found);
        showMatches(found, query, { ...context, csv: options.csv });
      }),
    );
};

const BOUNDS = `

An output whose figure is not known meets no bound.`;
