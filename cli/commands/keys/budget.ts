import { Option } from '@commander-js/extra-typings';
import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseAmount, parseCaller, parseWhole } from '../../option-values.ts';
import { PROGRAM } from '../../program-name.ts';
import { changeBudget } from '../budgets/change-budget.ts';
import { showBudget } from '../budgets/show-budget.ts';
import { useTable } from './use-table.ts';

/** The earlier name of `budgets set`, `show` and `remove`. */
export const define: Define = (command) => {
  withDeployment(command)
    .description('The earlier name of everytoken budgets set, show and remove.')
    .argument('<caller>', 'the caller', oneValue(parseCaller))
    .option('--tokens <n>', 'tokens a day', oneValue(parseWhole(0)))
    .option('--cost-usd <x>', 'US dollars a day', oneValue(parseAmount))
    .addOption(new Option('--none', 'remove the budget').conflicts(['tokens', 'costUsd']))
    .addHelpText('after', examples(['everytoken budgets --help', 'its new name']))
    .action((caller, options) =>
      useTable(options, async (stores, context) => {
        const { tokens = null, costUsd = null, none } = options;
        const isGiven = tokens !== null || costUsd !== null;
        const action = none ? 'remove' : isGiven ? 'set' : 'show';
        context.note(`keys budget is now ${PROGRAM} budgets ${action}`);
        if (none || isGiven) await changeBudget(caller, none ? undefined : { tokens, costUsd }, stores);
        await showBudget(caller, stores, context, options);
      }),
    );
};
