import { type Command, chooseCommand } from '../command.ts';
import { shardsCommand } from './shards.ts';

const COMMANDS = { shards: shardsCommand };

const HELP = Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n');

/** `everytoken table …`: the table's own record. */
export const tableCommand: Command = {
  summary: 'the table: how far it is spread (shards)',
  run: chooseCommand({ name: 'table', kind: 'action', help: HELP, commands: COMMANDS }),
};
