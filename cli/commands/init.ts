import { readSettings } from '../../local/settings.ts';
import { type Define, examples, prose, ROOT } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { type Finding, lineOf } from '../finding.ts';
import { printableJson } from '../terminal/printable.ts';
import { makeScreen } from '../terminal/screen.ts';
import { initOptionsOf, withInitOptions } from './init/options.ts';

export const define: Define = (command) => {
  withInitOptions(command)
    .description(
      prose(`Checks the prerequisites of a deployment and prints one line for each: ok, NOTE, or WRONG with the remedy. Exits with
status 1 if something is wrong. It reads keys, models and addresses from the environment and .env; instead of a key X
you can set X_PARAMETER to the name of an SSM parameter. With --stage, keys that are not set here are read from the
stage's parameters. It embeds one word, and creates a missing Pinecone index if the embeddings have the right size. No
key is ever printed.`),
    )
    .addHelpText(
      'after',
      examples(
        ['everytoken init --stage prod --region eu-west-1', 'before the first deployment of a stage'],
        ['everytoken init --stage prod --check', 'what a stage has, without a change'],
        ['OPENAI_API_KEY=… everytoken init --stage prod --rotate', 'another key'],
      ),
    )
    .action(async (given) => {
      const options = initOptionsOf(given);
      const { variables } = readSettings(ROOT, process.env);
      const screen = makeScreen(process.stdout, process.env);
      const errors = makeScreen(process.stderr, process.env);
      const place =
        options.stage === undefined ? 'no stage: keys, models and index alone' : `stage ${options.stage}`;
      errors.line(errors.dim(`· ${place}`));
      // Imported on demand: the help starts faster without these clients.
      const { initialise } = await import('./init/initialise.ts');
      const findings: Finding[] = [];
      for await (const finding of initialise(variables, options)) {
        findings.push(finding);
        if (!given.json) screen.line(lineOf(finding));
      }
      if (given.json) screen.line(printableJson({ data: findings }));
      if (findings.some(({ state }) => state === 'wrong')) process.exitCode = ExitStatus.failed;
    });
};
