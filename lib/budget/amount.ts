/** Usage or its upper bound: tokens, and whole billionths of a USD (so that sums are exact; null: unknown). */
export type Amount = { tokens: number; nanoUsd: number | null };

/** An amount whose price is known, or irrelevant because the budget does not limit cost. */
export type Spent = { tokens: number; nanoUsd: number };

export const NOTHING: Spent = { tokens: 0, nanoUsd: 0 };

/** Adds amounts up; one unknown price makes the sum's price unknown. */
export const sumOf = (amounts: Amount[]): Amount =>
  amounts.reduce<Amount>(
    (sum, { tokens, nanoUsd }) => ({
      tokens: sum.tokens + tokens,
      nanoUsd: sum.nanoUsd === null || nanoUsd === null ? null : sum.nanoUsd + nanoUsd,
    }),
    NOTHING,
  );

export const plus = (a: Spent, b: Spent): Spent => ({
  tokens: a.tokens + b.tokens,
  nanoUsd: a.nanoUsd + b.nanoUsd,
});

export const minus = (a: Spent, b: Spent): Spent => ({
  tokens: a.tokens - b.tokens,
  nanoUsd: a.nanoUsd - b.nanoUsd,
});

/** Rounds up, so that a budget never counts less than was spent. */
export const nanoUsdOf = (usd: number): number => Math.ceil(usd * 1e9);
export const usdOf = (nanoUsd: number): number => nanoUsd / 1e9;

/** An amount with what is unknown of its price left out; only where no limit concerns the cost. */
export const knownOf = ({ tokens, nanoUsd }: Amount): Spent => ({ tokens, nanoUsd: nanoUsd ?? 0 });
