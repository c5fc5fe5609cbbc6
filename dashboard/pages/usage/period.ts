import type { Query } from '../../address.ts';

/** The choices of a period, as the address has them. */
export const PERIODS = ['24h', '7d', '30d', '90d', 'own'] as const;

export type Period = { name: (typeof PERIODS)[number]; since: string; until: string };

const DAY_MS = 86_400_000;
const MOST_DAYS = 400;
const DEFAULT = '7d';

/** The UTC date of an instant, as `2026-11-30`. */
const dateOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

/** The period that an address names. Its own dates are kept as they were written: `faultOf` says whether they can be. */
export const periodOf = (query: URLSearchParams, now: number): Period => {
  const name = PERIODS.find((each) => each === query.get('period')) ?? DEFAULT;
  if (name !== 'own') return { name, since: name, until: '' };
  return {
    name,
    since: query.get('since') ?? dateOf(now - 6 * DAY_MS),
    until: query.get('until') ?? dateOf(now),
  };
};

/** Says in words why the API would refuse a period's own dates; undefined for those that it takes. */
export const faultOf = ({ name, since, until }: Period): string | undefined => {
  if (name !== 'own') return undefined;
  const [from, to] = [Date.parse(since), Date.parse(until)];
  if (Number.isNaN(from)) return 'Give the first day.';
  if (Number.isNaN(to)) return 'Give the last day.';
  if (from > to) return 'The first day is after the last one.';
  return to - from >= MOST_DAYS * DAY_MS ? `Give ${MOST_DAYS} days at most.` : undefined;
};

/** The parameters of GET /usage for a period; a last day is part of it. */
export const periodParameters = ({ since, until }: Period): { since: string; until?: string } =>
  until === '' ? { since } : { since, until };

/** The part of the address for another choice. The first own dates are those that are shown. */
export const chosenPeriod = (
  name: Period['name'],
  shown: { since: string; until: string } | undefined,
): Query => {
  if (name !== 'own') return { period: name, since: null, until: null };
  return shown === undefined
    ? { period: name }
    : { period: name, since: shown.since.slice(0, 10), until: dateOf(Date.parse(shown.until) - 1) };
};

/** The UTC days that a report covers, each as its date. */
export const daysOf = ({ since, until }: { since: string; until: string }): string[] => {
  const first = Math.floor(Date.parse(since) / DAY_MS);
  const last = Math.floor((Date.parse(until) - 1) / DAY_MS);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => dateOf((first + at) * DAY_MS));
};
