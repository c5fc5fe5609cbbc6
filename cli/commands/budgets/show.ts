import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseCaller } from '../../option-values.ts';
import { useTable } from '../keys/use-table.ts';
import { showBudget } from './show-budget.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description("Shows a caller's daily budget and the rest of today.")
    .argument('<caller>', 'the caller', oneValue(parseCaller))
    .addHelpText('after', examples(['everytoken budgets show team-a --stage prod', 'the rest of today']))
    .action((caller, options) =>
      useTable(options, (stores, context) => showBudget(caller, stores, context, options)),
    );
};
