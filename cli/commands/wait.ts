import { Option } from '@commander-js/extra-typings';
import { type ApiContext, useApi, withApi } from '../api-command.ts';
import { type Define, examples } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { oneValue, parseDuration } from '../option-values.ts';
import { NEWEST, newestRun } from '../runs/find-run.ts';
import { type Kind, kindOfId } from '../stored/kind-of-id.ts';
import { jointStatus, outcomeOf, type Stored } from '../stored/outcome.ts';
import { printableLine } from '../terminal/printable.ts';

const STATUSES = `
The exit status is 0 when all of them completed, 3 when a part failed, and 1 when
everything failed, was cancelled, or takes longer than --timeout.`;

export const define: Define = (command) => {
  withApi(
    command
      .argument(
        '<ids...>',
        'runs (run_…; last is the newest), files (file_…), comparisons (cmp_…) or exports (export_…)',
      )
      .addOption(
        new Option('--timeout <duration>', 'the longest wait, such as 90s, 10m or 2h')
          .argParser(oneValue(parseDuration))
          .default(600_000, '10m'),
      )
      .option('--indexed', 'wait for runs until search finds their outputs, too'),
  )
    .addHelpText('after', STATUSES)
    .addHelpText(
      'after',
      examples(
        ['everytoken wait run_06h2…', 'until it is generated'],
        ['everytoken wait run_1… run_2… file_3… --timeout 2h', 'a line for each as it ends'],
        ['everytoken show $(everytoken run --background "Hi")', ''],
      ),
    )
    .action((named, options) => {
      for (const id of named) if (id !== NEWEST) kindOfId(id);
      return useApi(options, async (context) => {
        const { client, json, note, signal } = context;
        const ids = await Promise.all(named.map((id) => (id === NEWEST ? newestRun(client, signal) : id)));
        const ended: Stored[] = [];
        const waits = ids.map(async (id) => {
          const stored = await waitFor(id, { ...options, isOnly: ids.length === 1 }, context);
          if (stored === undefined) return ExitStatus.failed;
          ended.push(stored);
          const { text, status } = outcomeOf(stored);
          if (!options.json) context.screen.line(text);
          return status;
        });
        try {
          const statuses = await Promise.all(waits);
          if (options.json) json(ids.length === 1 ? ended[0] : ended);
          return jointStatus(statuses);
        } catch (error) {
          if (signal.aborted) note('· no longer waited for: what is not ended goes on');
          throw error;
        }
      });
    });
};

/** Undefined, with a note, when it has not ended in time, or cannot be read while others can. */
const waitFor = async (
  id: string,
  { timeout, indexed, isOnly }: { timeout: number; indexed?: true | undefined; isOnly: boolean },
  { client, note, signal }: ApiContext,
): Promise<Stored | undefined> => {
  const how = { timeoutMs: timeout, signal };
  const waits: Record<Kind, () => Promise<Stored>> = {
    run: () => client.runs.wait(id, { ...how, until: indexed ? 'completed' : 'generated' }),
    file: () => client.files.wait(id, how),
    comparison: () => client.comparisons.wait(id, how),
    export: () => client.exports.wait(id, how),
  };
  try {
    return await waits[kindOfId(id)]();
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'TimeoutError') note(`${printableLine(id)} goes on: it has not ended in time (--timeout)`);
    else if (signal.aborted || isOnly) throw error;
    else note(`error: ${printableLine(id)}: ${printableLine(message)}`);
    return undefined;
  }
};
