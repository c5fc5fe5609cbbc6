import { Command, Help } from '@commander-js/extra-typings';
import type { CommandEntry } from './command.ts';
import { COMMANDS } from './commands.ts';
import { ExitStatus } from './exit-status.ts';
import { PROGRAM } from './program-name.ts';
import { printable } from './terminal/printable.ts';

const EXAMPLES = `
Examples:
  everytoken start                                     the whole service on this machine
  everytoken run "Explain vector databases."           one prompt, its text live, its figures
  everytoken file run products.csv                     a spreadsheet in, results next to it
  everytoken runs --since 7d --stage prod              what a deployment has generated

Without --stage or --api, a command speaks to the local stack that runs here (everytoken start).
In a checkout of the repository it is npx everytoken: npx everytoken run "Hello."
A deployment's key is read from EVERYTOKEN_KEY, also in .env. Exit statuses: docs/cli.md.`;

/**
 * Makes the program. Only the module of the command that `words` name is loaded, so that --help and each command start
 * fast; `loadAll` loads every command, for shell completion and for docs/cli.md.
 */
export const makeProgram = async (
  words: readonly string[],
  { loadAll = false, without }: { loadAll?: boolean; without?: string } = {},
): Promise<Command> => {
  const program = new Command('everytoken')
    .description('LLM calls with every token timed and every output kept: the command line.')
    .usage('<command> [options]')
    .version(await readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help, or that of a command')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError(`(${PROGRAM} --help lists the commands)`)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(errorText(text, words)) })
    .exitOverride();
  const named = words[0] === 'help' ? words.slice(1) : words;
  const entries = COMMANDS.filter(({ name }) => name !== without);
  await addCommands(program as Command, entries, loadAll ? undefined : named);
  return program as Command;
};

/**
 * An error of commander as this command line words it, wrapped on a terminal. It quotes arguments, which may be other
 * people's names of files.
 */
const errorText = (text: string, words: readonly string[]): string => {
  const worded = printable(text).replace(
    /( is invalid(?: for argument '[^']*')?)\. (\S)/,
    (_, reason: string, first: string) => `${reason}: ${first.toLowerCase()}`,
  );
  const { columns, isTTY } = process.stderr;
  const lines = `${worded}${hintOf(worded, words)}`;
  return isTTY ? new Help().boxWrap(lines, columns - 1) : lines;
};

/** The program itself takes no options of a deployment. */
const hintOf = (error: string, words: readonly string[]): string => {
  const command = words.find((word) => COMMANDS.some(({ name }) => name === word));
  return error.startsWith("error: unknown option '") && words[0]?.startsWith('-') && command !== undefined
    ? `(options go after the command: ${PROGRAM} ${command} ${printable(words[0])} …)\n`
    : '';
};

/** Adds commands and loads the named one; all if `words` is undefined. */
const addCommands = async (
  parent: Command,
  entries: readonly CommandEntry[],
  words: readonly string[] | undefined,
): Promise<void> => {
  for (const entry of entries) {
    const { isDefault = false } = entry;
    const command = parent
      .command(entry.name, { isDefault })
      .summary(entry.summary)
      .description(entry.summary);
    if (entry.group !== undefined) command.helpGroup(entry.group);
    command
      .copyInheritedSettings(parent)
      .showHelpAfterError(`(${PROGRAM} ${pathOf(command)} --help has examples)`)
      .exitOverride();
    const isNamed = words === undefined || words.find((word) => !word.startsWith('-')) === entry.name;
    if (!isNamed && !isDefault) continue;
    if ('commands' in entry) {
      const usual = entry.commands.find((each) => each.isDefault)?.name;
      command
        .usage(usual === undefined ? '<action> [options]' : '[action] [options]')
        .addHelpText('after', () => {
          const see = `\nSee everytoken ${pathOf(command)} <action> --help.`;
          return usual === undefined
            ? see
            : `${see}\nWithout an action it is ${usual}: everytoken ${pathOf(command)} ${usual} --help has its options.`;
        });
      await addCommands(command as Command, entry.commands, words?.slice(words.indexOf(entry.name) + 1));
    } else {
      const { define } = await entry.load();
      define(command as Command);
    }
  }
};

const pathOf = (command: { name(): string; parent: unknown }): string => {
  const parent = command.parent as { name(): string; parent: unknown } | null;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
};

const readVersion = async (): Promise<string> => {
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
  return manifest.version;
};

/** The exit status of an error of commander: 0 after --help and --version. */
export const statusOfUsage = (exitCode: number): number =>
  exitCode === 0 ? ExitStatus.ok : ExitStatus.usage;
