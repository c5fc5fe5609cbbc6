import { useApi, withApi, withTable } from '../api-command.ts';
import { type Define, examples, UsageError } from '../command.ts';
import { oneValue, parseWhole } from '../option-values.ts';

const NUMBERS = `
Tokens and generations count from 1; a generation may be named by its label, too.`;

export const define: Define = (command) => {
  withApi(
    withTable(
      command
        .argument('<id>', 'the id of a run, or last for the newest')
        .option('--generation <number>', 'one of several outputs, with its whole text')
        .option(
          '--token <number>',
          'the alternatives of this token, and when it came',
          oneValue(parseWhole(1)),
        )
        .option('--trace', 'the chunks of the output with their times'),
    ),
  )
    .addHelpText('after', NUMBERS)
    .addHelpText(
      'after',
      examples(
        ['everytoken show last', 'the newest run'],
        ['everytoken show run_06h2… --generation 2', 'its second output, whole'],
        ['everytoken show last --token 17', 'what else it could have said there'],
        ['everytoken show last --trace --csv > trace.csv', 'each chunk with its time'],
      ),
    )
    .action((id, options) =>
      useApi(options, async (context) => {
        if (options.csv && !options.trace) throw new UsageError('--csv prints the trace: give --trace, too');
        if (options.token !== undefined && options.trace)
          throw new UsageError('--token and --trace exclude each other');
        const { showRun } = await import('../runs/show-run.ts');
        await showRun(id, options, context);
      }),
    );
};
