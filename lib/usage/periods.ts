import type { Period } from './ports.ts';

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** From the end of a period until its sum is due, ms. Most runs of an hour have ended by then. */
const CLOSES_MS = { HOUR: 11 * MINUTE_MS, DAY: 15 * MINUTE_MS };

/**
 * Days for which an hour can still be summed from its caller's list. The list keeps deleted runs for 400 days, so an
 * older hour would lose them.
 */
export const SUMMED_DAYS = 390;

type Summed = 'HOUR' | 'DAY';

const LENGTH = { HOUR: HOUR_MS, DAY: DAY_MS };

export const lengthOf = (kind: Summed): number => LENGTH[kind];

/** The name of the period that begins at this instant or contains it. */
export const nameOf = (kind: Summed, at: number | string): string =>
  new Date(at).toISOString().slice(0, kind === 'HOUR' ? 13 : 10);

/** The period's begin and end, epoch ms. */
export const boundsOf = ({ kind, name }: { kind: Summed; name: string }): { from: number; to: number } => {
  const from = Date.parse(kind === 'HOUR' ? `${name}:00:00.000Z` : `${name}T00:00:00.000Z`);
  return { from, to: from + LENGTH[kind] };
};

/** When a period is first summed, epoch ms. */
export const closingOf = (period: { kind: Summed; name: string }): number =>
  boundsOf(period).to + CLOSES_MS[period.kind];

/** The hour to which a run's usage belongs: that of its creation. */
export const hourOf = ({
  caller,
  createdAt,
}: {
  caller: string;
  createdAt: string;
}): Period & { kind: 'HOUR' } => ({ caller, kind: 'HOUR', name: createdAt.slice(0, 13) });

/** The day of an hour. */
export const dayOfHour = ({ caller, name }: Period): Period & { kind: 'DAY' } => ({
  caller,
  kind: 'DAY',
  name: name.slice(0, 10),
});
