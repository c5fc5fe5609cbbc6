import { CommandError, type Define } from '../../cli/command.ts';

/** In the package it stands in the place of the commands that run the local stack. */
export const define: Define = (command) => {
  command
    .argument('[words...]')
    .allowUnknownOption()
    .addHelpText('after', '\nIt runs in a checkout of the repository: npm install && npm start')
    .action(() => {
      throw new CommandError(
        'the local stack is built from the sources: run npm install && npm start in a checkout of the repository; this package speaks to it with --api http://127.0.0.1:3000, or to a deployment with --stage',
      );
    });
};
