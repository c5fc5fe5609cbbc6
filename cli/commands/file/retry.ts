import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withFields } from './input/fields.ts';
import { withGenerating } from './options.ts';

export const define: Define = (command) => {
  withGenerating(withFields(withApi(command.argument('<file>', 'its path, or the id of an ended file'))))
    .addHelpText(
      'after',
      examples(
        ['everytoken file retry products.csv', 'failed and changed rows'],
        ['everytoken file retry products.csv --template t.txt', 'every row is new'],
        ['everytoken file retry file_…', 'rows without an answer'],
      ) + FIELDS,
    )
    .action((path, options) =>
      useApi(options, async (context) => {
        const { retryFile } = await import('./retry/retry-file.ts');
        return retryFile(path, options, context);
      }),
    );
};

const FIELDS = `

Rows with an answer are reused and not paid again. The template and the fields
are those of \`file run\` on this machine; give them again on another one. A
changed file is uploaded again.

Without a terminal nothing is asked: rows are generated, also where their cost
is not known. --max-cost-usd sets a limit.`;
