import { readSettings } from '../../local/settings.ts';
import { makeCommand, ROOT } from '../command.ts';
import { lineOf } from './finding.ts';
import { INIT_USAGE, parseInitOptions } from './options.ts';

const HELP = `Checks the prerequisites of a deployment and prints one line for each: ok, NOTE, or WRONG with the remedy. Exits with
status 1 if something is wrong. It reads keys, models and addresses from the environment and .env; instead of a key X
you can set X_PARAMETER to the name of an SSM parameter. It embeds one word, and creates a missing Pinecone index if
the embeddings have the right size.

  --stage NAME             also checks the stage's SSM parameters and stores missing keys that work;
                           keys that are not set here are read from the parameters
  --region NAME            region of the parameters, the same as for serverless deploy
  --rotate                 overwrites stored keys with those set here
  --check                  creates and stores nothing
  --try                    generates up to 16 tokens with the default model, at its price
  --cloud NAME             cloud for a missing index: aws, gcp or azure (default: aws)
  --region-of-index NAME   region for a missing index (default: us-east-1)
  --timeout SECONDS        timeout of each request (default: 15)

No key is ever printed.`;

/** `everytoken init`. It prints one line per finding to stdout. */
export const initCommand = makeCommand({
  summary: 'checks the keys, models and index of a deployment; creates the index and stores keys',
  usage: INIT_USAGE,
  help: HELP,
  run: async (words) => {
    const options = parseInitOptions(words);
    const { variables } = readSettings(ROOT, process.env);
    // Imported on demand: the other commands start faster without these clients.
    const { initialise } = await import('./initialise.ts');
    let status = 0;
    for await (const finding of initialise(variables, options)) {
      console.log(lineOf(finding));
      if (finding.state === 'wrong') status = 1;
    }
    return status;
  },
});
