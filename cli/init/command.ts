import { readSettings } from '../../local/settings.ts';
import { makeCommand, ROOT } from '../command.ts';
import { lineOf } from './finding.ts';
import { INIT_USAGE, parseInitOptions } from './options.ts';

const HELP = `Looks at what a deployment needs, one line each: ok, NOTE, or WRONG with the remedy. Ends with status 1 when something
is wrong. Keys, models and addresses are those of the environment and of .env; a key may also be given as X_PARAMETER,
the name of an SSM parameter. It embeds one word; a missing Pinecone index is created once the embeddings fit.

  --stage NAME             that stage's SSM parameters, too: keys given here that work are stored where there are
                           none; without keys here the stored ones are looked at
  --region NAME            the region of the parameters, as it is given to serverless deploy
  --rotate                 overwrites stored keys by those given here
  --check                  creates and stores nothing
  --try                    has the default model sample 16 tokens, which costs what 16 tokens of it cost
  --cloud NAME             where a missing index is created: aws, gcp or azure (aws)
  --region-of-index NAME   and in which region of it (us-east-1)
  --timeout SECONDS        for each request (15)

No key is ever printed.`;

/** `everytoken init`. A line a finding goes to stdout. */
export const initCommand = makeCommand({
  summary: 'checks keys, models and the index for a deployment; creates the index, stores keys',
  usage: INIT_USAGE,
  help: HELP,
  run: async (words) => {
    const options = parseInitOptions(words);
    const { variables } = readSettings(ROOT, process.env);
    // The other commands start without all of its clients.
    const { initialise } = await import('./initialise.ts');
    let status = 0;
    for await (const finding of initialise(variables, options)) {
      console.log(lineOf(finding));
      if (finding.state === 'wrong') status = 1;
    }
    return status;
  },
});
