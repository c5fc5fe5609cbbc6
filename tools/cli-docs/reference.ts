import type { Command } from '@commander-js/extra-typings';
import { makeProgram } from '../../cli/program.ts';

const WIDTH = 100;

/** Everything below this line of docs/cli.md is made by `npm run cli-docs`. */
const BEGIN = '<!-- Made by npm run cli-docs from --help; changes below this line are lost. -->';

/** The reference of docs/cli.md: the help of the program and of each command, as --help prints it on a wide terminal. */
export const cliReference = async (): Promise<string> => {
  const program = await makeProgram([]);
  const commands = leavesOf(await makeProgram([], { loadAll: true })).map(
    (command) => `## ${pathOf(command)}\n\n${helpOf(command)}`,
  );
  return `${BEGIN}\n\n## All commands\n\n${helpOf(program)}\n${commands.join('\n')}`;
};

const leavesOf = (command: Command): Command[] =>
  command.commands.length === 0
    ? [command]
    : command.commands.flatMap((each) => leavesOf(each as unknown as Command));

const pathOf = (command: Command): string =>
  command.parent === null
    ? command.name()
    : `${pathOf(command.parent as unknown as Command)} ${command.name()}`;

const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return `\`\`\`\n${text.trim()}\n\`\`\`\n`;
};

/** The document with this reference below its hand-written part. */
export const withReference = (document: string, reference: string): string => {
  const at = document.indexOf(BEGIN);
  return `${(at < 0 ? document : document.slice(0, at)).trimEnd()}\n\n${reference}`;
};
