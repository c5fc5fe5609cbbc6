#!/usr/bin/env node
import { visible } from '../local/visible.ts';
import { auditCommand } from './audit/command.ts';
import { chooseCommand } from './command.ts';
import { eraseCommand } from './erase/command.ts';
import { initCommand } from './init/command.ts';
import { keysCommand } from './keys/command.ts';
import { replayCommand } from './replay/command.ts';
import { tableCommand } from './table/command.ts';
import { vectorsCommand } from './vectors/command.ts';

const COMMANDS = {
  init: initCommand,
  keys: keysCommand,
  replay: replayCommand,
  audit: auditCommand,
  vectors: vectorsCommand,
  erase: eraseCommand,
  table: tableCommand,
};

const everytoken = chooseCommand({
  kind: 'command',
  help: `${Object.entries(COMMANDS)
    .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
    .join('\n')}

Run npx everytoken <command> --help for details.`,
  commands: COMMANDS,
});

try {
  const words = process.argv.slice(2);
  process.exitCode = await everytoken(words[0] === 'help' ? ['--help'] : words);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`error: ${visible(message.replace(/\s+/g, ' '))}`);
  process.exitCode = 1;
}
