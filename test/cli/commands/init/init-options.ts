import { Command } from '@commander-js/extra-typings';
import { type InitOptions, initOptionsOf, withInitOptions } from '../../../../cli/commands/init/options.ts';

/** The options of init that these words mean. Throws commander's errors for wrong ones. */
export const initOptions = (words: string[]): InitOptions => {
  const silent = { writeErr: () => {} };
  const command = withInitOptions(new Command('init').exitOverride().configureOutput(silent));
  return initOptionsOf(command.parse(words, { from: 'user' }).opts());
};
