import type { ErasedStep } from '../../lib/operate/erase-caller.ts';
import { CommandError, type Define, examples, prose } from '../command.ts';
import { useDeployment, withDeployment } from '../deployment-command.ts';
import { ExitStatus } from '../exit-status.ts';
import { oneValue, parseCaller } from '../option-values.ts';
import { environmentWithIndex } from '../target/deployment.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Erases everything of a caller: disables its keys, deletes its exports, files, comparisons and runs with their outputs, results
and vectors, its prompts below prompts/@<caller>/, the labels and metadata of its usage, its budget and limits. Nothing
of this can be undone.

It may be interrupted and repeated: it goes on with what is left. Status 0: it found nothing more to remove; what time
alone removes is printed. Status 1: it has removed something, or files are still being deleted (half an hour); run it
again later. Keys in EVERYTOKEN_API_KEYS are not in the table: remove them first.`),
    )
    .argument('<caller>', 'the caller', oneValue(parseCaller))
    .option('--yes', 'confirm it; without this, nothing is removed')
    .addHelpText(
      'after',
      examples(
        ['everytoken erase team-a --stage prod', 'says what would be removed'],
        ['everytoken erase team-a --stage prod --yes', 'removes it'],
      ),
    )
    .action((caller, options) =>
      useDeployment(options, async ({ deployment, screen, json }) => {
        if (!options.yes)
          throw new CommandError(
            `this removes all keys, files, runs, results and vectors of ${caller} from ${deployment.name} (table ${deployment.environment.TABLE_NAME}), and cannot be undone; add --yes to confirm`,
          );
        const [{ composeErase }, { eraseCaller }] = await Promise.all([
          import('./erase/compose.ts'),
          import('../../lib/operate/erase-caller.ts'),
        ]);
        const steps: ErasedStep[] = [];
        for await (const step of eraseCaller(caller, composeErase(environmentWithIndex(deployment)))) {
          steps.push(step);
          if (!options.json) screen.line(LINES[step.step](step));
        }
        const isDone = steps.every(({ removed, underWay = 0 }) => removed + underWay === 0);
        if (options.json)
          json({
            caller,
            steps: steps.map(({ step, removed, underWay = 0 }) => ({ step, removed, under_way: underWay })),
            complete: isDone,
          });
        else screen.line(isDone ? LEFT : AGAIN);
        return isDone ? ExitStatus.ok : ExitStatus.failed;
      }),
    );
};

const LINES: Record<ErasedStep['step'], (step: ErasedStep) => string> = {
  keys: ({ removed }) => `keys: ${removed} disabled`,
  exports: ({ removed }) => `exports: ${removed} deleted`,
  files: ({ removed, underWay = 0 }) =>
    `files and comparisons: ${removed} deleted now, ${underWay} not yet purged`,
  runs: ({ removed }) => `runs: ${removed} deleted`,
  objects: ({ removed }) => `other prompts, results and exports: ${removed} objects deleted`,
  vectors: ({ removed }) => `other vectors: ${removed} deleted`,
  usage: ({ removed }) => `usage: labels and metadata removed from ${removed} entries`,
  limits: () => 'budget and limits: removed',
};

const AGAIN =
  'run it again in half an hour: until then late work may come, and functions accept a key for up to a minute after it was disabled';

const LEFT = `what is left, and until when (docs/operations.md, "What a deletion leaves"):
  tombstones of runs and files, without content: 30 days
  usage by model, hour and day under the caller's name
  disabled keys (hashes) and daily sums (35 days) under the caller's name
  backups of the table: 35 days; events in the archive: archiveDays (14); log lines: logDays (14 or 30)
  the model server's, the embeddings server's and Pinecone's own records and backups: their rules`;
