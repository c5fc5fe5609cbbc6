import type { Command, OptionValues } from '@commander-js/extra-typings';
import { CommandError } from '../../../command.ts';
import { eachValue, oneValue, parseNumber, parsePair, parseWhole } from '../../../option-values.ts';

export type FieldOptions = {
  template?: string | undefined;
  model?: string | undefined;
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  samples?: number | undefined;
  maxCostUsd?: number | undefined;
  metadata?: [string, string][] | undefined;
  default?: [string, unknown][] | undefined;
};

/** Adds the options that set fields for every row. */
export const withFields = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .option('--template <file>', 'a text file with the prompt for each row: Describe {{name}}')
    .option('--model <name>', 'the model, where a row names none')
    .option('--max-tokens <n>', 'tokens of an answer at most', oneValue(parseWhole(1)))
    .option('--temperature <n>', 'the sampling temperature', oneValue(parseNumber))
    .option('--top-p <n>', 'nucleus sampling', oneValue(parseNumber))
    .option('--top-k <n>', 'the most likely tokens to choose from', oneValue(parseWhole(1)))
    .option('--samples <n>', 'answers for each row', oneValue(parseWhole(1)))
    .option('--max-cost-usd <n>', 'stop before the file costs more US dollars', oneValue(parseCost))
    .option('--metadata <name=value>', 'metadata of each run; can be repeated', eachValue(parsePair))
    .option(
      '--default <name=value>',
      'any other field of a run or a file, such as seed=1; can be repeated',
      eachValue(parseDefault),
    );

const parseCost = (text: string): number => {
  const value = parseNumber(text);
  if (value <= 0) throw new CommandError('it takes an amount above 0');
  return value;
};

/** JSON is read as such; anything else is a text. */
const parseDefault = (text: string): [string, unknown] => {
  const [name, value] = parsePair(text);
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
};
