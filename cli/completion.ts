import tab from '@bomb.sh/tab/commander';
import type { Command } from '@commander-js/extra-typings';
import type { Command as PlainCommand } from 'commander';

/** The name of the command that prints scripts for shells, and that these scripts call. */
export const COMPLETE = 'complete';

/** Adds the command `complete` to a program that has all its other commands. */
export const addCompletion = (program: Command): void => {
  tab(program as unknown as PlainCommand, { completionCommandName: COMPLETE });
};
