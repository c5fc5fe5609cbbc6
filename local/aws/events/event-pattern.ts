import { isObject, type JsonObject, own } from '../../json.ts';

/**
 * An EventBridge event pattern: for each field a list of alternatives, or a nested pattern.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export type EventPattern = { [field: string]: unknown };

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const COMPARISONS: Record<string, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const inRange = (conditions: unknown[], value: unknown): boolean => {
  if (typeof value !== 'number') return false;
  for (let i = 0; i < conditions.length; i += 2) {
    if (!own(COMPARISONS, String(conditions[i]))?.(value, Number(conditions[i + 1]))) return false;
  }
  return true;
};

/** `*` matches any characters, `\*` a literal asterisk. */
const fitsWildcard = (pattern: string, value: string): boolean => {
  const source = pattern.replace(/\\\*|\*|[.*+?^${}()|[\]\\]/g, (part) => {
    if (part === '*') return '.*';
    return part === '\\*' ? '\\*' : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's').test(value);
};

const onText =
  (test: (wanted: string, value: string) => boolean) =>
  (wanted: unknown, value: unknown): boolean => {
    if (typeof value !== 'string') return false;
    const ignoresCase = isObject(wanted) ? wanted['equals-ignore-case'] : undefined;
    if (ignoresCase === undefined) return test(String(wanted), value);
    return test(String(ignoresCase).toLowerCase(), value.toLowerCase());
  };

const MATCHERS: Record<string, (wanted: unknown, value: unknown) => boolean> = {
  prefix: onText((wanted, value) => value.startsWith(wanted)),
  suffix: onText((wanted, value) => value.endsWith(wanted)),
  wildcard: onText(fitsWildcard),
  'equals-ignore-case': onText((wanted, value) => value.toLowerCase() === wanted.toLowerCase()),
  numeric: (wanted, value) => inRange(asList(wanted), value),
  'anything-but': (wanted, value) => {
    if (!isObject(wanted)) return !asList(wanted).includes(value);
    return Object.entries(wanted).every(([name, list]) =>
      asList(list).every((item) => !matcher(name)(item, value)),
    );
  },
};

const matcher = (name: string): ((wanted: unknown, value: unknown) => boolean) => {
  const found = own(MATCHERS, name);
  if (!found) throw new Error(`The local EventBridge does not know the pattern operator ${name}`);
  return found;
};

/** Whether one alternative fits a field's value: `undefined` for an absent field; of an array, any item may fit. */
const fits = (alternative: unknown, value: unknown): boolean => {
  if (!isObject(alternative)) return value !== undefined && asList(value).includes(alternative);
  return Object.entries(alternative).every(([name, wanted]) => {
    if (name === 'exists') return wanted === (value !== undefined && !isObject(value));
    return value !== undefined && asList(value).some((item) => matcher(name)(wanted, item));
  });
};

/**
 * Whether an event matches a pattern: every field must fit one of its alternatives, `$or` one of its patterns.
 *
 * @throws {Error} that names an operator it does not know.
 */
export const matchesPattern = (pattern: EventPattern, event: unknown): boolean => {
  // In an array of objects, one element has to match the whole nested pattern.
  if (Array.isArray(event)) return event.some((item) => matchesPattern(pattern, item));
  const fields: JsonObject = isObject(event) ? event : {};
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or' && Array.isArray(wanted))
      return wanted.some((part: EventPattern) => matchesPattern(part, event));
    const value = own(fields, field);
    if (isObject(wanted)) return matchesPattern(wanted, value);
    return asList(wanted).some((alternative) => fits(alternative, value));
  });
};

const checkAlternative = (alternative: unknown): void => {
  if (!isObject(alternative)) return;
  for (const [name, wanted] of Object.entries(alternative)) {
    if (name !== 'exists') matcher(name);
    if (name === 'anything-but') checkAlternative(wanted);
  }
};

/**
 * Checks a pattern before any event arrives.
 *
 * @throws {Error} that names an operator the local EventBridge does not know.
 */
export const checkPattern = (pattern: EventPattern): void => {
  for (const [field, wanted] of Object.entries(pattern)) {
    if (field === '$or') for (const part of asList(wanted)) checkPattern(part as EventPattern);
    else if (isObject(wanted)) checkPattern(wanted);
    else for (const alternative of asList(wanted)) checkAlternative(alternative);
  }
};
