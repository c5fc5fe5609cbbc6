import type { BudgetView } from '../../../lib/budget/daily.ts';
import { withTable } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { type Column, printTable } from '../../terminal/print-table.ts';
import { UNKNOWN } from '../../terminal/units.ts';
import { useTable } from '../keys/use-table.ts';

const AT_ONCE = 10;

export const define: Define = (command) => {
  withTable(withDeployment(command))
    .description('Lists the budgets of all callers with the rest of today, which ends at midnight UTC.')
    .addHelpText(
      'after',
      examples(
        ['everytoken budgets list --stage prod', 'who has used how much of it'],
        ['everytoken budgets list --csv > budgets.csv', 'as a table'],
      ),
    )
    .action((options) =>
      useTable(options, async (stores, { screen, json, note, again }) => {
        const { readBudget } = await import('../../../lib/budget/daily.ts');
        const { inBatches } = await import('../../../lib/async/in-batches.ts');
        const known = (await stores.callers.all()).filter(({ keys }) => !keys?.operator); // operators spend nothing
        const names = known.map(({ caller }) => caller).sort();
        const all = await inBatches(names, AT_ONCE, async (caller) => ({
          caller,
          budget: await readBudget(caller, stores),
        }));
        const data = all.flatMap(({ caller, budget }) => (budget === null ? [] : [{ caller, budget }]));
        if (options.json) return json({ data });
        if (data.length > 0) printTable(screen, COLUMNS, data, options);
        const others = all.length - data.length;
        note(
          data.length === 0
            ? `no budgets; set one: ${again('budgets set <caller> --cost-usd 5')}`
            : others === 1
              ? 'one other caller has no budget'
              : `${others} other callers have no budget`,
        );
      }),
    );
};

type Row = { caller: string; budget: BudgetView };

const tokens = (value: number | undefined): string => value?.toLocaleString('en') ?? UNKNOWN;
const usd = (value: number | undefined): string => (value === undefined ? UNKNOWN : `$${value.toFixed(2)}`);

const COLUMNS: readonly Column<Row>[] = [
  { title: 'caller', text: ({ caller }) => caller, left: true },
  {
    title: 'tokens a day',
    optional: 2,
    text: ({ budget }) => tokens(budget.tokens?.limit),
    csv: ({ budget }) => budget.tokens?.limit,
  },
  {
    title: 'tokens used',
    optional: true,
    text: ({ budget }) => tokens(budget.tokens?.used),
    csv: ({ budget }) => budget.tokens?.used,
  },
  {
    title: 'tokens left',
    text: ({ budget }) => tokens(budget.tokens?.left),
    csv: ({ budget }) => budget.tokens?.left,
  },
  {
    title: 'USD a day',
    optional: 2,
    text: ({ budget }) => usd(budget.cost_usd?.limit),
    csv: ({ budget }) => budget.cost_usd?.limit,
  },
  {
    title: 'USD used',
    optional: true,
    text: ({ budget }) => usd(budget.cost_usd?.used),
    csv: ({ budget }) => budget.cost_usd?.used,
  },
  {
    title: 'USD left',
    text: ({ budget }) => usd(budget.cost_usd?.left),
    csv: ({ budget }) => budget.cost_usd?.left,
  },
];
