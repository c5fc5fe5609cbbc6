#!/usr/bin/env node
import { auditCommand } from './audit/audit-command.ts';
import { CommandError } from './command-error.ts';
import { initCommand } from './init/init-command.ts';
import { keysCommand } from './keys/keys-command.ts';
import { replayCommand } from './replay/replay-command.ts';

/** A command takes the words after its name and gives the exit status. Throws `CommandError`. */
type Command = { summary: string; run: (args: string[]) => Promise<number> };

const commands: Record<string, Command> = {
  init: initCommand,
  keys: keysCommand,
  replay: replayCommand,
  audit: auditCommand,
};

const HELP = `Usage: npx everytoken <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

npx everytoken <command> --help says more.`;

const main = async ([name, ...args]: string[]): Promise<number> => {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new CommandError(`there is no command '${name}': see npx everytoken --help`);
  return command.run(args);
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${oneLine(error)}`);
  process.exitCode = 1;
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ');
}
