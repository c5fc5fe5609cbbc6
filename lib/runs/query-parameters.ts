import { type InputIssue, InvalidInputError } from '../errors.ts';

/** Reads query parameters one by one and collects all problems for `finish`. */
export type QueryParameters = {
  text(name: string, maxLength: number): string | undefined;
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
  int(name: string, min: number, max: number): number | undefined;
  /** A number of at least 0, with decimals: a time in ms, a cost, a count. */
  amount(name: string): number | undefined;
  /** Epoch ms. */
  instant(name: 'since' | 'until'): number | undefined;
  /** The `limit` of a page of a list: 1 to 100, 20 without it. */
  limit(): number;
  /** From `since` (inclusive) to `until` (exclusive): UTC instants with milliseconds, which compare as strings. */
  period(): { since: string | undefined; until: string | undefined };
  /** The pairs of all `metadata.KEY` parameters; undefined without any. */
  metadata(): Record<string, string> | undefined;
  refuse(issue: InputIssue): void;
  /** Throws `InvalidInputError` with all problems, including one for each parameter that was not read. */
  finish(): void;
};

const METADATA = 'metadata.';
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

type Options = {
  /** Reserved parameters, which are refused by name until they exist. */
  notServed?: readonly string[];
  /** The instant from which relative times count, epoch ms. */
  now?: number;
};

/**
 * A reader of query parameters.
 *
 * @example
 * const read = readQueryParameters(new URL(url).searchParams);
 * const limit = read.limit();
 * read.finish();
 */
export const readQueryParameters = (
  sent: Iterable<[string, string]>,
  { notServed = [], now = Date.now() }: Options = {},
): QueryParameters => {
  const values = new Map<string, string>();
  const issues: InputIssue[] = [];
  const read = new Set<string>();
  for (const [name, value] of sent) {
    if (values.has(name)) issues.push({ path: name, message: 'is given twice; give it once' });
    values.set(name, value);
  }
  const refuse = (path: string, message: string) => void issues.push({ path, message });

  const text = (name: string, maxLength: number): string | undefined => {
    read.add(name);
    const value = values.get(name);
    if (value === undefined || (value.length > 0 && value.length <= maxLength)) return value;
    refuse(name, `must have 1 to ${maxLength} characters`);
    return undefined;
  };
  const parsed = <T>(name: string, rule: string, parse: (value: string) => T | undefined): T | undefined => {
    read.add(name);
    const value = values.get(name);
    if (value === undefined) return undefined;
    const result = parse(value);
    if (result === undefined) refuse(name, rule);
    return result;
  };

  const int = (name: string, min: number, max: number): number | undefined =>
    parsed(name, `must be a whole number from ${min} to ${max}`, (value) =>
      /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
    );
  const amount = (name: string): number | undefined =>
    parsed(name, 'must be a number of at least 0, such as 250 or 0.002', (value) =>
      AMOUNT.test(value) ? Number(value) : undefined,
    );
  const instant = (name: 'since' | 'until'): number | undefined =>
    parsed(name, INSTANT_RULE, (value) => parseInstant(value, name, now));

  return {
    text,
    oneOf: (name, allowed) =>
      parsed(name, `must be one of ${allowed.join(', ')}`, (value) => allowed.find((one) => one === value)),
    int,
    amount,
    instant,
    limit: () => int('limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT,
    period: () => {
      const [since, until] = [instant('since'), instant('until')];
      if (since !== undefined && until !== undefined && since >= until)
        refuse('since', 'must be before until');
      const utc = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
      return { since: utc(since), until: utc(until) };
    },
    metadata: () => {
      const names = [...values.keys()].filter((name) => name.startsWith(METADATA));
      const pairs = names.map((name): [string, string] => [
        name.slice(METADATA.length),
        text(name, 512) ?? '',
      ]);
      for (const [key] of pairs) {
        if (key === '' || key.length > 64)
          refuse(`${METADATA}${key}`, 'the key must have 1 to 64 characters');
      }
      // `Object.fromEntries` stores a key such as __proto__ as plain data.
      return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
    },
    refuse: ({ path, message }) => refuse(path, message),
    finish: () => {
      for (const name of values.keys()) {
        if (notServed.includes(name)) refuse(name, 'is not supported yet; leave it out');
        else if (!read.has(name)) refuse(name, 'is not a known parameter');
      }
      if (issues.length > 0) throw new InvalidInputError(issues);
    },
  };
};

/** Small costs may have an exponent, as JSON writes them: 2e-7. */
const AMOUNT = /^\d{1,15}(\.\d{1,15})?(e-\d{1,2})?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A time before now: `30m`, `24h`, `7d`, `4w`. */
const RELATIVE = /^(\d{1,5})([mhdw])$/;
const UNIT_MS = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', DAY_MS],
  ['w', 7 * DAY_MS],
]);

export const INSTANT_RULE =
  'must be a date (2026-11-22), an instant with its offset (2026-11-22T13:00:00Z), or a time before now (30m, 24h, 7d, 4w)';

/**
 * Epoch ms of an ISO 8601 date (UTC) or instant, or of a time before `now` (epoch ms); `undefined` for anything else,
 * including days that do not exist. A date as `until` means the end of that day, so `since=D&until=D` covers all of D.
 */
export const parseInstant = (text: string, bound: 'since' | 'until', now: number): number | undefined => {
  const [, count, unit = ''] = RELATIVE.exec(text) ?? [];
  if (count !== undefined) {
    const then = now - Number(count) * (UNIT_MS.get(unit) ?? 0);
    return then >= FIRST_MS ? then : undefined;
  }
  const isDate = DATE.test(text);
  if (!isDate && !INSTANT.test(text)) return undefined;
  const day = Date.parse(text.slice(0, 10));
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  if (isDate) return bound === 'until' ? Math.min(day + DAY_MS, LAST_MS) : day;
  const instant = Date.parse(text);
  // Instants are compared as strings, which needs four-digit years; an offset can lead outside them. Also rejects NaN.
  return instant >= FIRST_MS && instant <= LAST_MS ? instant : undefined;
};
