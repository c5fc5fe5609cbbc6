import type { Command, OptionValues } from '@commander-js/extra-typings';

/** Adds the options that say where results go. */
export const withPlace = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .option('--out <file>', 'where the results go, instead of next to the file; .jsonl has all figures')
    .option('--force', 'replace a file there, whatever it holds');

/** Adds the options of commands that generate. */
export const withGenerating = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  withPlace(command)
    .option('-y, --yes', 'generate without a question, as without a terminal')
    .option('--no-wait', 'print the id, and leave it to be generated');
