import type { RunInput } from '../../client/index.ts';
import { type ApiContext, useApi, withApi } from '../api-command.ts';
import { type Define, examples } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { eachValue, oneValue, parsePair, parseWhole } from '../option-values.ts';
import { parseCheck } from '../runs/check.ts';
import { requestOf } from '../runs/request.ts';
import { parseField, parseSetting } from '../setting.ts';
import { printableLine } from '../terminal/printable.ts';

const PROMPT = `
The prompt is the argument, a file, or standard input. With an argument, the
file or the input is its material: it follows after an empty line.

On a terminal the text appears as it is generated, several outputs side by side
where they fit, and then the figures. Elsewhere the texts alone are printed, and
figures with --stats on standard error.`;

const field = (name: string) => oneValue((text) => parseField(name, text) as number);
const textField = (name: string) => oneValue((text) => parseField(name, text) as string);

export const define: Define = (command) => {
  withApi(
    command
      .argument('[prompt]', 'the prompt, or - for standard input')
      .option('--file <path>', 'a text (such as a .md) as the prompt, or as material for the one given')
      .option('--system <text>', 'what the model is told before the prompt')
      .option(
        '--setting <setting>',
        "a choice of model and sampling, as 'label: name=value, name=value'; repeatable",
        eachValue(parseSetting),
      )
      .option('--samples <count>', 'outputs of each setting', oneValue(parseWhole(1, 64)))
      .option('--model <name>', 'the model; everytoken models lists them', textField('model'))
      .option('--max-tokens <count>', 'upper bound of tokens, reasoning included', field('max_tokens'))
      .option('--temperature <number>', 'sampling temperature, 0 to 2', field('temperature'))
      .option('--top-p <number>', 'nucleus sampling, 0 to 1', field('top_p'))
      .option('--top-k <count>', 'samples from the k most probable tokens only', field('top_k'))
      .option('--seed <number>', 'asks for repeatable sampling', field('seed'))
      .option('--stop <text>', 'the output ends before this text; repeatable', eachValue(String))
      .option(
        '--top-logprobs <count>',
        'keep the most probable tokens at each place, for everytoken show --token',
        field('top_logprobs'),
      )
      .option('--reasoning-effort <effort>', 'none, minimal, low, medium, high, xhigh or max')
      .option(
        '--check <check>',
        "checks each output: 'contains: text', 'regex: …', 'min_length: 10', 'max_length: 200', 'json_schema: {…}'; repeatable",
        eachValue(parseCheck),
      )
      .option('--fail-on-check', 'exit with 4 if a check fails')
      .option('--metadata <name=value>', 'a pair of your own; repeatable', eachValue(parsePair))
      .option('--conversation <name>', 'the conversation that this is a turn of')
      .option('--no-index', 'do not embed the outputs for search')
      .option('--no-store', 'keep neither prompt nor texts')
      .option('--strict-sampling', 'refuse sampling that the model server would not apply')
      .option('--background', 'generate later, and print the id now')
      .option('--stats', 'also gaps, rates, uncertainty, attempts and diversity'),
  )
    .addHelpText('after', PROMPT)
    .addHelpText(
      'after',
      examples(
        ['everytoken run "Explain vector databases."', ''],
        ['git diff | everytoken run "Review this change." --max-tokens 500', ''],
        ['everytoken run --file prompt.md > answer.txt', 'the text alone'],
        ['everytoken run "Name a color." --samples 5 --stats', 'how different its answers are'],
        ["everytoken run \"Hi\" --setting 'Top-k 40: top_k=40' --setting 'Top-p 0.9: top_p=0.9'", ''],
        ['everytoken run "Hi" --check \'max_length: 200\' --fail-on-check', ''],
      ),
    )
    .action((argument, options) =>
      useApi(options, async (context) => {
        const { readPrompt } = await import('../runs/prompt-input.ts');
        const prompt = await readPrompt({ argument, file: options.file, ...context });
        const request = requestOf(prompt, options);
        if (options.background) return await begin(request, options, context);
        const { followRun } = await import('../runs/follow-run.ts');
        return await followRun(request, options, context);
      }),
    );
};

const begin = async (
  request: RunInput,
  options: { json?: true | undefined },
  { client, json, screen, note, again, signal }: ApiContext,
): Promise<number> => {
  const run = await client.runs.createInBackground(request, { signal });
  if (options.json) json(run);
  else screen.line(printableLine(run.id));
  note(`next: ${again(`wait ${printableLine(run.id)}`)}`);
  return ExitStatus.ok;
};
