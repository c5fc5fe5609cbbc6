import { type Command, chooseCommand } from '../command.ts';
import { migrateCommand } from './migrate.ts';
import { shardsCommand } from './shards.ts';

const COMMANDS = { migrate: migrateCommand, shards: shardsCommand };

const HELP = Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n');

/** `everytoken table …`: the version and the shards of the table. */
export const tableCommand: Command = {
  summary: 'the table: upgrades (migrate), and how far it is spread (shards)',
  run: chooseCommand({ name: 'table', kind: 'action', help: HELP, commands: COMMANDS }),
};
