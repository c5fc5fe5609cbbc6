const DAY_MS = 86_400_000;

/** The UTC day of an instant (epoch ms), as `2026-11-22`: budgets are of such days. */
export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** Epoch ms of the next midnight, UTC. */
export const nextDay = (now: number): number => (Math.floor(now / DAY_MS) + 1) * DAY_MS;
