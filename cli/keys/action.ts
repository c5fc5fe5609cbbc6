import type { SetBudgetDeps } from '../../lib/budget/daily.ts';
import type { KeyDeps } from '../../lib/keys/manage-keys.ts';
import type { OpenedTable } from './open-table.ts';

/** What the actions work with, of one table. */
export type TableDeps = KeyDeps & SetBudgetDeps & Pick<OpenedTable, 'spend'>;

export type Action = {
  words: string;
  fewest: number;
  most: number;
  help: string;
  run: (words: string[], deps: TableDeps) => Promise<void>;
};
