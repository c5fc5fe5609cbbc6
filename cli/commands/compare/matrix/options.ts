import type { Command, OptionValues } from '@commander-js/extra-typings';
import { eachValue, oneValue, parseAmount, parsePair, parseWhole } from '../../../option-values.ts';
import { parseCheck } from '../../../runs/check.ts';
import { parseField, parseSetting } from '../../../setting.ts';
import { parseObjective } from './objective.ts';

const field = (name: string) => oneValue((text) => parseField(name, text) as number);

/** Adds the argument and the options that say what is compared. */
export const withMatrix = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .argument(
      '[file]',
      'a comparison in YAML or JSON, as the body of POST /comparisons; options go before it',
    )
    .option('--prompt <text>', 'a prompt; repeatable', eachValue(String))
    .option(
      '--prompts-file <path>',
      'prompts: a row each of a .csv or .jsonl, one of a .txt or .md; repeatable',
      eachValue(String),
    )
    .option(
      '--setting <setting>',
      "a choice of model and sampling, as 'label: name=value, name=value'; repeatable",
      eachValue(parseSetting),
    )
    .option('--model <name>', 'a setting with this model alone; repeatable', eachValue(String))
    .option('--samples <count>', 'answers to each prompt by each setting', oneValue(parseWhole(1, 64)))
    .option('--max-tokens <count>', 'upper bound of tokens of an answer', field('max_tokens'))
    .option(
      '--temperature <number>',
      'sampling temperature of settings without their own',
      field('temperature'),
    )
    .option('--name <name>', 'a name for people')
    .option(
      '--objective <objective>',
      "what a good answer keeps to: 'ttft<=500ms', 'tpot<=20ms', 'e2e<=3s'; repeatable",
      eachValue(parseObjective),
    )
    .option(
      '--check <check>',
      "checks each answer: 'contains: text', 'regex: …', 'min_length: 10', 'max_length: 200', 'json_schema: {…}'; repeatable",
      eachValue(parseCheck),
    )
    .option('--metadata <name=value>', 'a pair of your own; repeatable', eachValue(parsePair))
    .option('--strict-sampling', 'refuse sampling that the model server would not apply')
    .option(
      '--max-cost-usd <amount>',
      'refuse what may cost more, before anything is paid',
      oneValue(parseAmount),
    );
