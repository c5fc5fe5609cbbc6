import { type Define, examples, UsageError } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseAmount, parseCaller, parseWhole } from '../../option-values.ts';
import { PROGRAM } from '../../program-name.ts';
import { useTable } from '../keys/use-table.ts';
import { changeBudget } from './change-budget.ts';
import { showBudget } from './show-budget.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      'Sets what a caller may use from midnight to midnight UTC, in tokens, US dollars or both. A new budget replaces the old one: a limit that is not given is removed. Workers apply it within a minute.',
    )
    .argument('<caller>', 'the caller', oneValue(parseCaller))
    .option('--tokens <n>', 'tokens a day', oneValue(parseWhole(0)))
    .option('--cost-usd <x>', 'US dollars a day', oneValue(parseAmount))
    .addHelpText(
      'after',
      examples(
        ['everytoken budgets set team-a --tokens 2000000 --cost-usd 5', 'two limits'],
        ['everytoken budgets set team-a --cost-usd 0 --stage prod', 'no more today'],
      ),
    )
    .action((caller, options) => {
      const { tokens = null, costUsd = null } = options;
      if (tokens === null && costUsd === null)
        throw new UsageError(`give --tokens, --cost-usd or both; ${PROGRAM} budgets remove removes a budget`);
      return useTable(options, async (stores, context) => {
        await changeBudget(caller, { tokens, costUsd }, stores);
        await showBudget(caller, stores, context, options);
        context.note('it applies within a minute');
        const { length } = await stores.keys.list(caller);
        if (length === 0) context.note(`${caller} has no key yet: ${context.again(`keys add ${caller}`)}`);
      });
    });
};
