import { type CommandEntry, entryOf } from './command.ts';

const GENERATE = 'Generate:';
const SETUP = 'Set up:';
const OPERATE = 'Operate a deployment:';

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'generates: the text live, then its figures; several settings side by side',
    group: GENERATE,
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'models',
    summary: 'the models that can be asked, their fields, prices and shutdown dates',
    group: GENERATE,
    load: () => import('./commands/models.ts'),
  },
  {
    name: 'init',
    summary: 'checks the keys, models and index of a deployment; creates the index and stores keys',
    group: OPERATE,
    load: async () => entryOf((await import('./init/command.ts')).initCommand),
  },
  {
    name: 'keys',
    summary: "callers' keys, budgets and limits: add, list, rotate, disable, budget, limits",
    group: OPERATE,
    load: async () => entryOf((await import('./keys/command.ts')).keysCommand),
  },
  {
    name: 'replay',
    summary: 'moves dead letters back into their queues',
    group: OPERATE,
    load: async () => entryOf((await import('./replay/command.ts')).replayCommand),
  },
  {
    name: 'audit',
    summary: 'compares DynamoDB, S3 and Pinecone, and repairs differences',
    group: OPERATE,
    load: async () => entryOf((await import('./audit/command.ts')).auditCommand),
  },
  {
    name: 'vectors',
    summary: 'vectors in Pinecone: move, words',
    group: OPERATE,
    load: async () => entryOf((await import('./vectors/command.ts')).vectorsCommand),
  },
  {
    name: 'erase',
    summary: 'erases everything of a caller',
    group: OPERATE,
    load: async () => entryOf((await import('./erase/command.ts')).eraseCommand),
  },
  {
    name: 'table',
    summary: 'the table: upgrades (migrate), and how far it is spread (shards)',
    group: OPERATE,
    load: async () => entryOf((await import('./table/command.ts')).tableCommand),
  },
  {
    name: 'complete',
    summary: 'prints what completes commands and options in your shell: bash, zsh, fish or powershell',
    group: SETUP,
    load: () => import('./commands/complete.ts'),
  },
];
