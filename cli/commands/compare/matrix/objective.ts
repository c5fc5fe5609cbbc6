import type { ComparisonRequest } from '../../../../client/index.ts';
import { CommandError } from '../../../command.ts';

export type Objectives = NonNullable<ComparisonRequest['objectives']>;

const NAMES: ReadonlyMap<string, keyof Objectives> = new Map([
  ['ttft', 'max_ttft_ms'],
  ['tpot', 'max_tpot_ms'],
  ['e2e', 'max_e2e_ms'],
]);

/**
 * Parses an objective of each answer, as the API has them: `ttft<=500ms`, `tpot<=20`, `e2e<=3s`; milliseconds without a
 * unit.
 *
 * @throws {CommandError}
 */
export const parseObjective = (text: string): Objectives => {
  const [, name = '', amount = '', unit] =
    /^\s*(\w+?)(?:_ms)?\s*<=?\s*(\d+(?:\.\d+)?)\s*(ms|s)?\s*$/.exec(text) ?? [];
  const field = NAMES.get(name);
  if (field === undefined || Number(amount) === 0)
    throw new CommandError("it takes ttft, tpot or e2e with its limit, such as 'ttft<=500ms' or 'e2e<=3s'");
  return { [field]: Number(amount) * (unit === 's' ? 1000 : 1) };
};
