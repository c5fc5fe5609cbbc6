import { isCallerName } from '../../lib/keys/api-key.ts';
import type { CallerLimits } from '../../lib/limits/ports.ts';
import { CommandError, parseWords } from '../command.ts';
import type { Action } from './action.ts';

const MOST = 1_000_000;

/** `everytoken keys limits …`: what a caller may take at once. */
export const limitsAction: Action = {
  usage: 'limits <caller> [--requests-per-second N] [--runs-in-flight N] [--none]',
  minArgs: 1,
  maxArgs: 5,
  help: `Limits a caller's requests a second and runs in flight, in place of the deployment's defaults.
Runs in flight count apart for direct runs and for jobs (background runs, lines of files). A caller never gets more than
a single caller's share (keptForOthersPercent), whatever its limits.
--none removes the caller's own limits. Without options it shows them.
New limits replace the old ones: one that is not given is the default again. Workers apply them within a minute.`,
  run: async (words, { limits }) => {
    const { caller, change } = read(words);
    if (change === 'none') await limits.set(caller, undefined);
    else if (change) await limits.set(caller, change);
    show(caller, await limits.get(caller));
  },
};

const read = (words: string[]): { caller: string; change: CallerLimits | 'none' | null } => {
  const { values, positionals } = parseWords({
    args: words,
    allowPositionals: true,
    options: {
      'requests-per-second': { type: 'string' },
      'runs-in-flight': { type: 'string' },
      none: { type: 'boolean' },
    },
  });
  const [caller = '', ...others] = positionals;
  if (!isCallerName(caller) || others.length > 0)
    throw new CommandError('limits takes the name of one caller, the same as keys add');
  const requestsPerSecond = count('--requests-per-second', values['requests-per-second']);
  const runsInFlight = count('--runs-in-flight', values['runs-in-flight']);
  const isGiven = requestsPerSecond !== null || runsInFlight !== null;
  if (values.none && isGiven)
    throw new CommandError('--none removes the limits: leave out --requests-per-second and --runs-in-flight');
  if (values.none) return { caller, change: 'none' };
  return { caller, change: isGiven ? { requestsPerSecond, runsInFlight } : null };
};

const count = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,6}$/.test(text) || Number(text) > MOST)
    throw new CommandError(`${option} takes a whole number from 1 to ${MOST}`);
  return Number(text);
};

const show = (caller: string, limits: CallerLimits | undefined): void => {
  if (limits === undefined) {
    console.log(`${caller} has no limits of its own; the deployment's apply`);
    return;
  }
  const shown = (limit: number | null) => limit ?? "the deployment's default";
  console.log(caller);
  console.log(`  requests a second  ${shown(limits.requestsPerSecond)}`);
  console.log(`  runs in flight     ${shown(limits.runsInFlight)}`);
};
