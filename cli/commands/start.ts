import { Option } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';
import { oneValue, parseWhole } from '../option-values.ts';
import { variablesHelp } from '../variables.ts';

export const define: Define = (command) => {
  command
    .option('--verbose', 'print every log line of the functions, not only warnings')
    .addOption(
      new Option('--port <number>', 'port of the API, instead of PORT; 0 takes any free one').argParser(
        oneValue(parseWhole(0, 65_535)),
      ),
    )
    .option('--data-dir <folder>', 'folder of the stored data, instead of EVERYTOKEN_DATA_DIR')
    .addHelpText(
      'after',
      examples(
        ['everytoken start', 'until Ctrl-C, on http://127.0.0.1:3000'],
        ['everytoken start --port 0 --data-dir /tmp/trial', 'a second one beside it'],
        ['everytoken start --verbose > start.log', 'with all log lines, in JSON'],
      ),
    )
    .addHelpText('after', () => variablesHelp((process.stdout.columns ?? 100) - 1))
    .action(async (options) => {
      const { runStart } = await import('../start/run-start.ts');
      await runStart(options);
    });
};
