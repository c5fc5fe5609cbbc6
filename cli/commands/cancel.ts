import { useApi, withApi } from '../api-command.ts';
import { type Define, examples } from '../command.ts';
import { forEachId } from '../stored/each-id.ts';
import { kindOfId } from '../stored/kind-of-id.ts';
import { outcomeOf, type Stored } from '../stored/outcome.ts';

const TAKEN = ['run', 'file', 'comparison'] as const;

export const define: Define = (command) => {
  withApi(command.argument('<ids...>', 'runs (run_…), files (file_…) or comparisons (cmp_…)'))
    .addHelpText('after', '\nNothing that was generated is removed; everytoken delete removes it.')
    .addHelpText('after', examples(['everytoken cancel run_06h2…', 'a run that is not generated yet']))
    .action((ids, options) => {
      for (const id of ids) kindOfId(id, TAKEN);
      return useApi(options, async (context) => {
        const { client, screen, json, signal } = context;
        const cancels: Record<(typeof TAKEN)[number], (id: string) => Promise<Stored>> = {
          run: (id) => client.runs.cancel(id, { signal }),
          file: (id) => client.files.stop(id, { signal }),
          comparison: (id) => client.comparisons.cancel(id, { signal }),
        };
        const cancel = async (id: string) => {
          const stored = await cancels[kindOfId(id, TAKEN) as (typeof TAKEN)[number]](id);
          if (options.json) return json(stored);
          const { text } = outcomeOf(stored);
          screen.line(
            stored.object === 'run' ? text : `${text} · no more of it begins, what is under way ends`,
          );
        };
        return await forEachId(ids, cancel, context);
      });
    });
};
