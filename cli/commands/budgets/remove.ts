import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseCaller } from '../../option-values.ts';
import { useTable } from '../keys/use-table.ts';
import { changeBudget } from './change-budget.ts';
import { showBudget } from './show-budget.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description("Removes a caller's daily budget. Workers apply it within a minute.")
    .argument('<caller>', 'the caller', oneValue(parseCaller))
    .addHelpText(
      'after',
      examples(['everytoken budgets remove team-a --stage prod', 'no limit from then on']),
    )
    .action((caller, options) =>
      useTable(options, async (stores, context) => {
        await changeBudget(caller, undefined, stores);
        await showBudget(caller, stores, context, options);
        context.note('it applies within a minute');
      }),
    );
};
