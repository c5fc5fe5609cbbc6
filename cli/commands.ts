import type { CommandEntry } from './command.ts';

const SERVICE = 'Run the service:';
const GENERATE = 'Generate:';
const SETUP = 'Set up:';
const READ = 'Read what is stored:';
const REMOVE = 'Stop and remove:';
const OPERATE = 'Operate a deployment:';

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'the whole service on this machine, and what it works on',
    group: SERVICE,
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'demo',
    summary: "the tutorial's main job on a stack of its own",
    group: SERVICE,
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'run',
    summary: 'generates: the text live, then its figures; several settings side by side',
    group: GENERATE,
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'file',
    summary: 'a spreadsheet in, results next to the original: estimate, run, watch, retry, stop, list',
    group: GENERATE,
    commands: [
      {
        name: 'estimate',
        summary: 'rows, faults, tokens, cost and time of a file, before anything is paid',
        load: () => import('./commands/file/estimate.ts'),
      },
      {
        name: 'run',
        summary: 'generates every row of a file, and puts the results next to it',
        load: () => import('./commands/file/run.ts'),
      },
      {
        name: 'watch',
        summary: 'shows the progress of a file, and fetches its results at the end',
        load: () => import('./commands/file/watch.ts'),
      },
      {
        name: 'retry',
        summary: 'generates failed and changed rows alone',
        load: () => import('./commands/file/retry.ts'),
      },
      {
        name: 'results',
        summary: 'fetches the results of a file, also those so far',
        load: () => import('./commands/file/results.ts'),
      },
      {
        name: 'stop',
        summary: 'stops the rows of a file that have not begun',
        load: () => import('./commands/file/stop.ts'),
      },
      {
        name: 'list',
        summary: 'the files that were generated, with rows and cost',
        load: () => import('./commands/file/list.ts'),
      },
    ],
  },
  {
    name: 'compare',
    summary: 'settings or models against each other: estimate, verdict, report',
    group: GENERATE,
    commands: [
      {
        name: 'run',
        summary: 'compares, from options or a file; the action when none is named',
        isDefault: true,
        load: () => import('./commands/compare/run.ts'),
      },
      {
        name: 'estimate',
        summary: 'tokens, cost, time, and what a comparison could find, before anything is paid',
        load: () => import('./commands/compare/estimate.ts'),
      },
      {
        name: 'show',
        summary: 'the verdict and figures of a comparison, and its report',
        load: () => import('./commands/compare/show.ts'),
      },
      {
        name: 'list',
        summary: 'the comparisons, newest first',
        load: () => import('./commands/compare/list.ts'),
      },
      {
        name: 'cancel',
        summary: 'stops what has not begun of a comparison',
        load: () => import('./commands/compare/cancel.ts'),
      },
    ],
  },
  {
    name: 'wait',
    summary: 'waits for runs, files, comparisons and exports to end',
    group: GENERATE,
    load: () => import('./commands/wait.ts'),
  },
  {
    name: 'models',
    summary: 'the models that can be asked, their fields, prices and shutdown dates',
    group: GENERATE,
    load: () => import('./commands/models.ts'),
  },
  {
    name: 'runs',
    summary: 'the runs that are stored: filtered, sorted, or watched as they change',
    group: READ,
    load: () => import('./commands/runs.ts'),
  },
  {
    name: 'show',
    summary: 'a run: texts, figures, sampling, its timeline, the alternatives of a token',
    group: READ,
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'play',
    summary: 'prints a stored output at the pace at which it was generated',
    group: READ,
    load: () => import('./commands/play.ts'),
  },
  {
    name: 'search',
    summary: 'finds stored outputs by meaning and by rare words',
    group: READ,
    load: () => import('./commands/search.ts'),
  },
  {
    name: 'usage',
    summary: 'requests, tokens and cost by model, day, metadata or caller, and the budget of today',
    group: READ,
    load: () => import('./commands/usage.ts'),
  },
  {
    name: 'export',
    summary: 'a row an output with every figure: CSV, JSON Lines or Parquet',
    group: READ,
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'cancel',
    summary: 'stops runs, files and comparisons; what was generated stays',
    group: REMOVE,
    load: () => import('./commands/cancel.ts'),
  },
  {
    name: 'delete',
    summary: 'deletes runs, files, comparisons and exports with everything of them',
    group: REMOVE,
    load: () => import('./commands/delete.ts'),
  },
  {
    name: 'init',
    summary: 'checks the keys, models and index of a deployment; creates the index and stores keys',
    group: OPERATE,
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'doctor',
    summary: 'what is set, where it comes from, what is wrong and what to do: here, or of a stage',
    group: OPERATE,
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'outputs',
    summary: 'addresses and names of a deployment, its alarms and dashboard, and what to run next',
    group: OPERATE,
    load: () => import('./commands/outputs.ts'),
  },
  {
    name: 'keys',
    summary: "callers' keys and limits: add, list, rotate, disable, limits",
    group: OPERATE,
    commands: [
      {
        name: 'add',
        summary: 'creates another key for a caller, or an operator',
        load: () => import('./commands/keys/add.ts'),
      },
      {
        name: 'list',
        summary: 'the keys of one caller or all',
        load: () => import('./commands/keys/list.ts'),
      },
      {
        name: 'rotate',
        summary: 'a new key for a caller, in place of its earlier ones',
        load: () => import('./commands/keys/rotate.ts'),
      },
      { name: 'disable', summary: 'disables one key', load: () => import('./commands/keys/disable.ts') },
      {
        name: 'limits',
        summary: "a caller's requests a second and runs in flight",
        load: () => import('./commands/keys/limits.ts'),
      },
      {
        name: 'budget',
        summary: 'the earlier name of everytoken budgets',
        load: () => import('./commands/keys/budget.ts'),
      },
    ],
  },
  {
    name: 'budgets',
    summary: 'what callers may use in a day: set, show, list, remove',
    group: OPERATE,
    commands: [
      {
        name: 'set',
        summary: "sets a caller's daily budget in tokens, US dollars or both",
        load: () => import('./commands/budgets/set.ts'),
      },
      {
        name: 'show',
        summary: "a caller's budget and the rest of today",
        load: () => import('./commands/budgets/show.ts'),
      },
      {
        name: 'list',
        summary: 'the budgets of all callers, with the rest of today',
        load: () => import('./commands/budgets/list.ts'),
      },
      {
        name: 'remove',
        summary: "removes a caller's budget",
        load: () => import('./commands/budgets/remove.ts'),
      },
    ],
  },
  {
    name: 'replay',
    summary: 'moves dead letters back into their queues',
    group: OPERATE,
    load: () => import('./commands/replay.ts'),
  },
  {
    name: 'audit',
    summary: 'compares DynamoDB, S3 and Pinecone, and repairs differences',
    group: OPERATE,
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'vectors',
    summary: 'vectors in Pinecone: move, words',
    group: OPERATE,
    commands: [
      {
        name: 'move',
        summary: "moves this deployment's vectors into the namespaces of its PINECONE_NAMESPACE",
        load: () => import('./commands/vectors/move.ts'),
      },
      {
        name: 'words',
        summary: 'adds the rare words of their texts to vectors stored before November 2026',
        load: () => import('./commands/vectors/words.ts'),
      },
    ],
  },
  {
    name: 'erase',
    summary: 'erases everything of a caller',
    group: OPERATE,
    load: () => import('./commands/erase.ts'),
  },
  {
    name: 'table',
    summary: 'the table: upgrades (migrate), and how far it is spread (shards)',
    group: OPERATE,
    commands: [
      {
        name: 'migrate',
        summary: 'brings a table of the version before to this one',
        load: () => import('./commands/table/migrate.ts'),
      },
      {
        name: 'shards',
        summary: 'shows or raises the number of partitions of the index due and of lists',
        load: () => import('./commands/table/shards.ts'),
      },
    ],
  },
  {
    name: 'complete',
    summary: 'prints what completes commands and options in your shell: bash, zsh, fish or powershell',
    group: SETUP,
    load: () => import('./commands/complete.ts'),
  },
];
