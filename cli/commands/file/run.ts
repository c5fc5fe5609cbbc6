import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withFields } from './input/fields.ts';
import { withGenerating } from './options.ts';

export const define: Define = (command) => {
  withGenerating(withFields(withApi(command.argument('<file>', 'a .csv, .jsonl, .json, .txt or .md'))))
    .addHelpText(
      'after',
      examples(
        ['everytoken file run products.csv', 'prompts in a column prompt'],
        ['everytoken file run products.csv --template t.txt', 'with a prompt for each row'],
        ['everytoken file run products.csv --max-cost-usd 5', 'stops before it costs more'],
        ['everytoken file run products.csv --out all.jsonl', 'results with all figures'],
        ['everytoken file run names.jsonl --yes --no-wait', 'prints the id of the file'],
      ) + TEMPLATES,
    )
    .action((path, options) =>
      useApi(options, async (context) => {
        const [{ openLocalFile }, { fieldsOf }, { generateFile }] = await Promise.all([
          import('./input/local-file.ts'),
          import('./input/defaults.ts'),
          import('./generate.ts'),
        ]);
        return generateFile(await openLocalFile(path), await fieldsOf(options), options, context);
      }),
    );
};

const TEMPLATES = `

A template has the row's cells in it: Describe {{name}} in {{words}} words.
Fields for all rows may also stand beside the file, in
products.csv.defaults.json; options go before them. Exit status 3: some rows
failed. docs/files.md has formats, limits and errors.

Without a terminal nothing is asked: rows are generated, also where their cost
is not known. --max-cost-usd sets a limit.`;
