import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import type { Comparison } from '../../../../client/index.ts';
import { ExitStatus } from '../../../exit-status.ts';
import { eachValue } from '../../../option-values.ts';
import { printableLine } from '../../../terminal/printable.ts';
import type { Screen } from '../../../terminal/screen.ts';
import { parseRequirement, type Requirement } from './requirement.ts';

export type FailOptions = {
  failOn?: 'objective' | 'check' | 'any' | undefined;
  require?: Requirement[] | undefined;
};

/** Adds the options by which a comparison fails a job. */
export const withRequirements = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .option(
      '--require <bound>',
      "exit with 4 unless every setting keeps it: 'ttft_ms.p90<=800', 'pass_rate>=0.95', or one: 'Label: e2e_ms<=3000'; repeatable",
      eachValue(parseRequirement),
    )
    .addOption(
      new Option('--fail-on <what>', 'exit with 4 if any answer misses an objective, or a check').choices([
        'objective',
        'check',
        'any',
      ] as const),
    );

/** Prints what was not met, and returns the exit status: 4 goes before 3. */
export const statusOf = (comparison: Comparison, options: FailOptions, errors: Screen): number => {
  if (comparison.status === 'failed') return ExitStatus.failed;
  const missed = [...missedAnswers(comparison, options), ...missedBounds(comparison, options)];
  for (const text of missed) errors.line(errors.bad(`not met: ${printableLine(text)}`));
  if (missed.length > 0) return ExitStatus.notMet;
  return comparison.progress.failed > 0 ? ExitStatus.partlyFailed : ExitStatus.ok;
};

const missedAnswers = ({ settings }: Comparison, { failOn }: FailOptions): string[] =>
  settings.flatMap(({ label, n, failed, objectives_met, pass_rate }) => {
    const all = n + failed;
    const missesObjective =
      failOn !== 'check' && failOn !== undefined && objectives_met !== null && objectives_met < all;
    const missesCheck =
      failOn !== 'objective' && failOn !== undefined && pass_rate !== null && pass_rate.passed < all;
    return [
      ...(missesObjective ? [`${label} met the objectives in ${objectives_met} of ${all} answers`] : []),
      ...(missesCheck ? [`${label} passed the checks in ${pass_rate.passed} of ${all} answers`] : []),
    ];
  });

const missedBounds = ({ settings }: Comparison, { require = [] }: FailOptions): string[] =>
  require.flatMap((requirement) => {
    const { text, label, isMet, figure } = requirement;
    const bound = label === undefined ? settings : settings.filter((setting) => setting.label === label);
    if (bound.length === 0) return [`${text}: no setting has this label`];
    return bound
      .filter((setting) => !isMet(setting))
      .map((setting) => `${text}: ${setting.label} has ${figure(setting) ?? 'no value'}`);
  });
