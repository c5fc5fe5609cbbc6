import { isObject } from '../../../lib/json/value.ts';
import { intrinsicIn, type Template } from '../template.ts';

/** Whether an `Fn::Equals` holds; `at` is its path in the conditions. */
type IsEqual = (operands: unknown[], at: string) => boolean;

const literally: IsEqual = ([left, right]) => JSON.stringify(left) === JSON.stringify(right);

const conditionValues = (conditions: Record<string, unknown>, isEqual: IsEqual) => {
  const holds = (expression: unknown, at: string): boolean => {
    const [name, argument] = intrinsicIn(expression) ?? [];
    const operands = Array.isArray(argument) ? argument : [argument];
    const each = () => operands.map((operand, index) => holds(operand, `${at}[${index}]`));
    switch (name) {
      case 'Condition':
        return holds(conditions[String(argument)], String(argument));
      case 'Fn::Not':
        return !each()[0];
      case 'Fn::And':
        return each().every(Boolean);
      case 'Fn::Or':
        return each().some(Boolean);
      case 'Fn::Equals':
        return isEqual(operands, at);
      default:
        throw new Error(`Conditions.${at}: ${JSON.stringify(expression)} is no condition`);
    }
  };
  return (name: string): boolean => holds(conditions[name], name);
};

const noValue = Symbol('AWS::NoValue');

/** Replaces Fn::If by its chosen branch, and removes AWS::NoValue. */
const chosen = (value: unknown, holds: (condition: string) => boolean): unknown => {
  const [name, argument] = intrinsicIn(value) ?? [];
  if (name === 'Ref' && argument === 'AWS::NoValue') return noValue;
  if (name === 'Fn::If' && Array.isArray(argument))
    return chosen(holds(String(argument[0])) ? argument[1] : argument[2], holds);
  if (Array.isArray(value))
    return value.map((item) => chosen(item, holds)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, chosen(item, holds)])
      .filter(([, item]) => item !== noValue),
  );
};

/**
 * The template that CloudFormation acts on: conditions evaluated, and resources and outputs whose condition does not
 * hold removed.
 *
 * @throws Error for an invalid condition.
 */
export const resolveConditions = (template: Template, isEqual = literally): Template => {
  const { Conditions, ...others } = template;
  const holds = conditionValues(Conditions ?? {}, isEqual);
  const present = <T extends object>(parts: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(parts)
        .filter(([, part]) => !('Condition' in part) || holds(String(part.Condition)))
        .map(([id, { Condition, ...part }]: [string, T & { Condition?: unknown }]) => [
          id,
          chosen(part, holds) as T,
        ]),
    );
  return {
    ...others,
    Resources: present(template.Resources),
    ...(template.Outputs && { Outputs: present(template.Outputs) }),
  };
};

/**
 * The template under every outcome of its comparisons, each separately: the settings of a deployment are not known
 * here, nor which outcomes can occur together.
 */
export const everyOutcome = (template: Template): Template[] => {
  const places = new Set<string>();
  const findPlaces: IsEqual = (_, at) => Boolean(places.add(at)) && false;
  for (const name of Object.keys(template.Conditions ?? {}))
    conditionValues(template.Conditions ?? {}, findPlaces)(name);
  const all = [...places];
  return Array.from({ length: 2 ** all.length }, (_, outcome) =>
    resolveConditions(template, (_operands, at) => Boolean((outcome >> all.indexOf(at)) & 1)),
  );
};
