import type { ComparedSetting } from '../../../../client/index.ts';
import { closest } from '../../../closest.ts';
import { CommandError } from '../../../command.ts';

/** A bound of a figure that settings have to keep, all or the one of a label. */
export type Requirement = {
  /** As it was written. */
  text: string;
  label: string | undefined;
  isMet: (setting: ComparedSetting) => boolean;
  figure: (setting: ComparedSetting) => number | null;
};

const SPREAD = ['p50', 'p90', 'p95', 'p99', 'mean', 'min', 'max'] as const;
type Statistic = (typeof SPREAD)[number];

const spread = (
  name: string,
  of: (setting: ComparedSetting) => Record<Statistic, number | null>,
): [string, (setting: ComparedSetting) => number | null][] => [
  [name, (setting) => of(setting).p50],
  ...SPREAD.map((statistic): [string, (setting: ComparedSetting) => number | null] => [
    `${name}.${statistic}`,
    (setting) => of(setting)[statistic],
  ]),
];

/** The figures of a setting by the names that they have in the API's answer. A spread's own name is its median. */
const FIGURES: ReadonlyMap<string, (setting: ComparedSetting) => number | null> = new Map([
  ...spread('ttft_ms', ({ ttft_ms }) => ttft_ms),
  ...spread('tpot_ms', ({ tpot_ms }) => tpot_ms),
  ...spread('e2e_ms', ({ e2e_ms }) => e2e_ms),
  ...spread('tokens_per_second', ({ tokens_per_second }) => tokens_per_second),
  ...spread('completion_tokens', ({ completion_tokens }) => completion_tokens),
  ['cost_usd.mean', ({ cost_usd }) => cost_usd.mean],
  ['cost_usd.total', ({ cost_usd }) => cost_usd.total],
  ['pass_rate', ({ pass_rate }) => pass_rate?.rate ?? null],
  ['embedding_diversity', ({ diversity }) => diversity?.embedding_diversity ?? null],
  ['goodput_per_s', ({ goodput_per_s }) => goodput_per_s],
  ['objectives_met', ({ objectives_met }) => objectives_met],
  ['failed', ({ failed }) => failed],
  ['n', ({ n }) => n],
]);

/**
 * Parses `ttft_ms.p90<=800` or `pass_rate>=0.95`, for every setting, or with `Label: ` in front for one of them. A
 * figure that is not known does not keep its bound.
 *
 * @throws {CommandError} for an unknown figure, with the one that was probably meant
 */
export const parseRequirement = (text: string): Requirement => {
  const [, label, name = '', sign, bound = ''] =
    /^\s*(?:(.*\S)\s*:\s*)?([\w.]+)\s*(<=|>=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/s.exec(text) ?? [];
  if (sign === undefined)
    throw new CommandError(
      "it takes a figure and its bound, such as 'ttft_ms.p90<=800' or 'pass_rate>=0.95'",
    );
  const figure = FIGURES.get(name);
  if (figure === undefined) {
    const meant = closest(name, [...FIGURES.keys()]);
    throw new CommandError(
      `there is no figure '${name}'; ${meant === undefined ? `figures are ${[...FIGURES.keys()].filter((each) => !each.includes('.')).join(', ')}` : `did you mean ${meant}?`}`,
    );
  }
  const limit = Number(bound);
  return {
    text: text.trim(),
    label,
    figure,
    isMet: (setting) => {
      const value = figure(setting);
      return value !== null && (sign === '<=' ? value <= limit : value >= limit);
    },
  };
};
