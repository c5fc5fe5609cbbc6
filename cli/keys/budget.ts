import { type BudgetView, readBudget, setBudget } from '../../lib/budget/daily.ts';
import { isCallerName } from '../../lib/keys/api-key.ts';
import { CommandError, parseWords } from '../command.ts';
import type { Action } from './action.ts';

/** `everytoken keys budget …`: the daily limits of a caller. */
export const budgetAction: Action = {
  usage: 'budget <caller> [--tokens N] [--cost-usd X] [--none]',
  minArgs: 1,
  maxArgs: 5,
  help: `Sets a caller's daily budget in tokens, US dollars or both, from midnight to midnight UTC.
--none removes the budget. Without options it shows the budget and the rest of today.
A new budget replaces the old one: a limit that is not given is removed. Workers apply it within a minute.`,
  run: async (words, deps) => {
    const { caller, change } = read(words);
    if (change === 'none') await setBudget(caller, undefined, deps);
    else if (change) await setBudget(caller, change, deps);
    show(caller, await readBudget(caller, deps));
  },
};

const read = (words: string[]) => {
  const { values, positionals } = parseWords({
    args: words,
    allowPositionals: true,
    options: { tokens: { type: 'string' }, 'cost-usd': { type: 'string' }, none: { type: 'boolean' } },
  });
  const [caller = '', ...others] = positionals;
  if (!isCallerName(caller) || others.length > 0)
    throw new CommandError('budget takes the name of one caller, the same as keys add');
  const tokens = amount('--tokens', values.tokens);
  const costUsd = amount('--cost-usd', values['cost-usd']);
  if (tokens !== null && !Number.isInteger(tokens)) throw new CommandError('--tokens takes a whole number');
  if (values.none && (tokens !== null || costUsd !== null)) {
    throw new CommandError('--none removes the budget: leave out --tokens and --cost-usd');
  }
  if (values.none) return { caller, change: 'none' as const };
  return { caller, change: tokens === null && costUsd === null ? null : { tokens, costUsd } };
};

const amount = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  if (!/^\d{1,15}(\.\d{1,9})?$/.test(text))
    throw new CommandError(`${option} takes a number from 0, such as 2.50`);
  return Number(text);
};

const show = (caller: string, budget: BudgetView | null): void => {
  if (budget === null) {
    console.log(`${caller} has no budget`);
    return;
  }
  console.log(`${caller}, ${budget.day} UTC`);
  const { tokens, cost_usd: cost } = budget;
  if (tokens) console.log(`  tokens  ${tokens.used} used of ${tokens.limit}, ${tokens.left} left`);
  if (cost)
    console.log(`  USD     ${cost.used.toFixed(6)} used of ${cost.limit}, ${cost.left.toFixed(6)} left`);
};
