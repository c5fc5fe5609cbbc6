import { useApi, withApi } from '../api-command.ts';
import { type Define, examples, UsageError } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { forEachId } from '../stored/each-id.ts';
import { type Kind, kindOfId } from '../stored/kind-of-id.ts';
import { canAsk, confirm } from '../terminal/confirm.ts';
import { printableLine } from '../terminal/printable.ts';

const LEAVES = `
It cannot be undone. What is left: the usage (tokens, cost, times), for bills and
budgets; rows in exports that were written before; and, if the operator keeps
them, backups of the table. docs/operations.md has the whole list.`;

/** The things of each kind that go with it. */
const GONE: Record<Kind, string> = {
  run: 'its prompt, outputs and vectors',
  file: 'its prompts, results, runs, outputs and vectors, within half an hour',
  comparison: 'its runs, outputs and vectors, within half an hour',
  export: 'its table',
};

export const define: Define = (command) => {
  withApi(
    command
      .argument('<ids...>', 'runs (run_…), files (file_…), comparisons (cmp_…) or exports (export_…)')
      .option('-y, --yes', 'do not ask'),
  )
    .addHelpText('after', LEAVES)
    .addHelpText(
      'after',
      examples(
        ['everytoken delete run_06h2…', ''],
        ['everytoken delete file_1… cmp_2… --yes', 'in a script'],
      ),
    )
    .action((ids, options) => {
      for (const id of ids) kindOfId(id);
      if (!options.yes && !canAsk())
        throw new UsageError('nobody can be asked here, and a deletion cannot be undone: give --yes');
      return useApi(options, async (context) => {
        const { client, screen, json, note, signal } = context;
        const deletes: Record<Kind, (id: string) => Promise<void>> = {
          run: (id) => client.runs.delete(id, { signal }),
          file: (id) => client.files.remove(id, { signal }),
          comparison: (id) => client.comparisons.delete(id, { signal }),
          export: (id) => client.exports.delete(id, { signal }),
        };
        if (!options.yes) {
          for (const id of ids) note(`${printableLine(id)}: ${GONE[kindOfId(id)]}`);
          if (!(await confirm(ids.length === 1 ? 'Delete it?' : `Delete these ${ids.length}?`, signal))) {
            note('nothing is deleted');
            return ExitStatus.failed;
          }
        }
        const remove = async (id: string) => {
          await deletes[kindOfId(id)](id);
          if (options.json) json({ id, deleted: true });
          else screen.line(`${printableLine(id)} is deleted: ${GONE[kindOfId(id)]}`);
        };
        const status = await forEachId(ids, remove, context);
        if (!options.json && status !== ExitStatus.failed)
          note('its usage stays counted, and exports that were written before keep their rows');
        return status;
      });
    });
};
