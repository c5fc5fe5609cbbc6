import { randomBytes } from 'node:crypto';
import { makeDynamoCallerList } from '../../lib/adapters/dynamodb/caller-list.ts';
import { makeDynamoKeyStore } from '../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore } from '../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoRunList } from '../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../lib/adapters/dynamodb/spending.ts';
import type { TableClient } from '../../lib/adapters/dynamodb/table.ts';
import type { SetBudgetDeps } from '../../lib/budget/daily.ts';
import type { SpendStore } from '../../lib/budget/ports.ts';
import type { KeyDeps } from '../../lib/keys/manage-keys.ts';
import type { LimitStore } from '../../lib/limits/ports.ts';
import { listRuns } from '../../lib/runs/list/read.ts';
import { type Command, makeCommand, misuseOf, withRemedies } from '../command.ts';
import { openTable, WHERE } from '../open-table.ts';

/** The actions' dependencies, all on one table. */
type TableDeps = KeyDeps & SetBudgetDeps & { spend: Pick<SpendStore, 'get' | 'replace'>; limits: LimitStore };

/** An action on callers' keys, budgets and limits. `usage`: its name and arguments. The first line of `help` is the summary. */
export type Action = {
  usage: string;
  minArgs: number;
  maxArgs: number;
  help: string;
  /** Its first word may be an option. */
  optionFirst?: true;
  run: (words: string[], deps: TableDeps) => Promise<void>;
};

export const summaryOf = ({ help }: Action): string => help.split('\n')[0] ?? '';

/** Makes the command that opens the table and runs an action on it. */
export const actionCommand = (action: Action): Command => {
  const usage = `keys ${action.usage}`;
  return makeCommand({
    summary: summaryOf(action),
    usage,
    help: `${action.help}\n\n${WHERE}`,
    run: async (words) => {
      if (
        words.length < action.minArgs ||
        words.length > action.maxArgs ||
        (!action.optionFirst && words[0]?.startsWith('-'))
      )
        throw misuseOf(usage)();
      const opened = openTable(process.env);
      try {
        await withRemedies(opened.place, () => action.run(words, depsOf(opened)));
      } finally {
        opened.close();
      }
      return 0;
    },
  });
};

/** The actions' dependencies on an open table. */
const depsOf = ({ client, table }: TableClient): TableDeps => ({
  keys: makeDynamoKeyStore({ client, table }),
  callers: makeDynamoCallerList({ client, table }),
  budgets: makeDynamoBudgetStore({ client, table }),
  spend: makeDynamoSpendStore({ client, once: client, table }),
  limits: makeDynamoLimitStore({ client, table }),
  listRuns: (query) =>
    listRuns(query, {
      list: makeDynamoRunList({ client, table }),
      runs: makeDynamoRunStore({ client, table }),
    }),
  now: Date.now,
  clock: { now: Date.now },
  newSecret: () => `et_${randomBytes(32).toString('base64url')}`,
});
