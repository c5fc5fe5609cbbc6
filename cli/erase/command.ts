import { isCallerName } from '../../lib/keys/api-key.ts';
import { type ErasedStep, eraseCaller } from '../../lib/operate/erase-caller.ts';
import { CommandError, makeCommand, misuseOf, parseWords, withRemedies } from '../command.ts';
import { readEnvironment } from '../running-stack.ts';

const USAGE = 'erase <caller> --yes';

const HELP = `Erases everything of a caller: disables its keys, deletes its exports, files, comparisons and runs with their outputs, results
and vectors, its prompts below prompts/@<caller>/, the labels and metadata of its usage, its budget and limits. Nothing
of this can be undone.

  --yes   confirms it; without this, nothing is removed

It may be interrupted and repeated: it goes on with what is left. Status 0: it found nothing more to remove; what time
alone removes is printed. Status 1: it has removed something, or files are still being deleted (half an hour); run it
again later. Keys in EVERYTOKEN_API_KEYS are not in the table: remove them first.

It works on a deployment if TABLE_NAME is set; set CONTENT_BUCKET, PINECONE_API_KEY, PINECONE_NAMESPACE and the other
variables of its functions too (docs/operations.md lists them, and the permissions). Without TABLE_NAME it works on the
running local stack.`;

const LEFT = `what is left, and until when (docs/operations.md, "What a deletion leaves"):
  tombstones of runs and files, without content: 30 days
  usage by model, hour and day under the caller's name
  disabled keys (hashes) and daily sums (35 days) under the caller's name
  backups of the table: 35 days; events in the archive: archiveDays (14); log lines: logDays (14 or 30)
  the model server's, the embeddings server's and Pinecone's own records and backups: their rules`;

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

/** `everytoken erase`. It prints a line for each step to stdout. */
export const eraseCommand = makeCommand({
  summary: 'erases everything of a caller',
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    const misuse = misuseOf(USAGE);
    const { values, positionals } = parseWords(
      { args: words, allowPositionals: true, options: { yes: { type: 'boolean' } } },
      misuse,
    );
    const [caller = '', ...others] = positionals;
    if (!isCallerName(caller) || others.length > 0) throw misuse('erase takes the name of one caller');
    const env = readEnvironment(process.env);
    if (!values.yes)
      throw new CommandError(
        `this removes all keys, files, runs, results and vectors of ${caller} from table ${env.TABLE_NAME}, and cannot be undone; add --yes to confirm`,
      );
    return withRemedies(`erasure from table ${env.TABLE_NAME}`, () => erase(env, caller));
  },
});

const erase = async (env: Record<string, string | undefined>, caller: string): Promise<number> => {
  // Imported on demand: the other commands start faster without these clients.
  const { composeErase } = await import('./compose.ts');
  let open = 0;
  for await (const step of eraseCaller(caller, composeErase(env))) {
    console.log(LINES[step.step](step));
    open += step.removed + (step.underWay ?? 0);
  }
  if (open === 0) {
    console.log(LEFT);
    return 0;
  }
  console.log(
    'run it again in half an hour: until then late work may come, and functions accept a key for up to a minute after it was disabled',
  );
  return 1;
};
