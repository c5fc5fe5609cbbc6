import { addWords } from '../../lib/operate/add-words.ts';
import { moveVectors } from '../../lib/operate/move-vectors.ts';
import { visible } from '../../local/visible.ts';
import {
  type Command,
  CommandError,
  chooseCommand,
  makeCommand,
  misuseOf,
  parseWords,
  withRemedies,
} from '../command.ts';
import { readEnvironment } from '../running-stack.ts';

const USAGE = 'vectors move [--from PREFIX]';

const SUMMARY = "moves this deployment's vectors into the namespaces of its PINECONE_NAMESPACE";

const HELP = `Moves the vectors of this deployment's runs into the namespaces that search reads, and leaves all others alone. A vector
is deleted only after its copy is stored: run it again if it was interrupted, and at any time. Vectors of runs deleted
since are deleted.

  --from PREFIX   the earlier PINECONE_NAMESPACE (default: none, as an earlier version had it)

It works on a deployment if TABLE_NAME is set; set PINECONE_API_KEY, PINECONE_NAMESPACE and the other variables of its
functions too (docs/operations.md lists them). Without TABLE_NAME it works on the running local stack.`;

const move = makeCommand({
  summary: SUMMARY,
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    const misuse = misuseOf(USAGE);
    const { from } = parseWords(
      { args: words, options: { from: { type: 'string', default: '' } } },
      misuse,
    ).values;
    const env = readEnvironment(process.env);
    return withRemedies(`vectors of table ${env.TABLE_NAME}`, () => moveAll(env, from));
  },
});

const WORDS_USAGE = 'vectors words';

const WORDS_SUMMARY = 'adds the rare words of their texts to vectors stored before November 2026';

const words = makeCommand({
  summary: WORDS_SUMMARY,
  usage: WORDS_USAGE,
  help: `Adds the rare words of their texts to this deployment's vectors that were stored without, so that a search for an error
code or a name finds them too. Nothing is embedded again; each vector that changes is written again (some 7 write units).
Run it again if it was interrupted, and at any time.

It needs the same variables as vectors move.`,
  run: async (args) => {
    parseWords({ args, options: {} }, misuseOf(WORDS_USAGE));
    const env = readEnvironment(process.env);
    return withRemedies(`vectors of table ${env.TABLE_NAME}`, async () => {
      const { composeMove } = await import('./compose.ts');
      const { to: namespace, ...deps } = composeMove(env, '');
      for await (const { namespace: name, read, added } of addWords({ ...deps, namespace }))
        console.log(`${visible(name)}: ${added} of ${read} vectors got their words`);
      return 0;
    });
  },
});

/** `everytoken vectors …`. It prints one line per namespace to stdout. */
export const vectorsCommand: Command = {
  summary: 'vectors in Pinecone: move, words',
  run: chooseCommand({
    name: 'vectors',
    kind: 'action',
    help: `  move      ${SUMMARY}\n  words     ${WORDS_SUMMARY}`,
    commands: { move, words },
  }),
};

const moveAll = async (env: Record<string, string | undefined>, from: string): Promise<number> => {
  // Imported on demand: the other commands start faster without these clients.
  const { composeMove } = await import('./compose.ts');
  const deps = composeMove(env, from);
  if (deps.from('') === deps.to('')) {
    throw new CommandError(
      from === ''
        ? 'PINECONE_NAMESPACE is empty: there is nothing to move'
        : '--from is the PINECONE_NAMESPACE itself',
    );
  }
  let namespaces = 0;
  for await (const { namespace, moved, deleted, left } of moveVectors(deps)) {
    namespaces += 1;
    console.log(
      `${visible(namespace)}: ${moved} moved, ${deleted} deleted, ${left} left that are not of runs here`,
    );
  }
  if (namespaces === 0) console.log(`there are no namespaces ${deps.from('')}…`);
  return 0;
};
