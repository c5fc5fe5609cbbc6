import { Option } from '@commander-js/extra-typings';
import { useApi, withApi } from '../api-command.ts';
import { CommandError, type Define, examples } from '../command.ts';
import { oneValue, parseWhole } from '../option-values.ts';
import { withRunFilters } from '../runs/list-query.ts';

const FORMATS = ['csv', 'jsonl', 'parquet'] as const;

export const define: Define = (command) => {
  withApi(
    withRunFilters(
      command
        .addOption(new Option('--format <format>', 'by default that of --out, or csv').choices(FORMATS))
        .option('--out <file>', 'a file, instead of standard output')
        .option('--force', 'replace a file at --out, whatever it holds')
        .option('--texts', 'whole prompts and texts, instead of their first 120 characters')
        .option(
          '--columns <keys>',
          'a column for each of these metadata keys: team,project',
          oneValue(parseKeys),
        )
        .option('--limit <n>', 'the most rows', oneValue(parseWhole(1)))
        .option('--resume <file>', 'go on with a .csv or .jsonl that broke off')
        .option('--id <id>', 'fetch an export that was written before, into --out'),
    ),
  )
    .addHelpText(
      'after',
      examples(
        ['everytoken export --since 7d > runs.csv', 'a row an output, with every figure'],
        ['everytoken export --texts --out runs.jsonl', 'with whole texts'],
        ['everytoken export --texts --resume runs.jsonl', 'goes on where it broke off'],
        ['everytoken export --out runs.parquet', 'written by the API, then fetched'],
      ) + PARTS,
    )
    .action((options) =>
      useApi(options, async (context) => {
        const { exportRuns } = await import('./export/export-runs.ts');
        return exportRuns(options, context);
      }),
    );
};

const PARTS = `

A file has .part behind its name until it is whole. docs/export.md has the
columns.`;

const MOST_KEYS = 16;

const parseKeys = (text: string): string[] => {
  const keys = text.split(',').map((key) => key.trim());
  if (keys.includes(''))
    throw new CommandError('it takes names with commas between them, such as team,project');
  if (keys.length > MOST_KEYS) throw new CommandError(`it takes ${MOST_KEYS} at most`);
  return keys;
};
