/** What runs use or may use: tokens, and billionths of a USD (whole, so that sums are exact); null: no price is known. */
export type Amount = { tokens: number; nanoUsd: number | null };

/** An amount whose price is known, or does not matter where it is counted. */
export type Spent = { tokens: number; nanoUsd: number };

export const NOTHING: Spent = { tokens: 0, nanoUsd: 0 };

/** One unknown price makes the sum unknown. */
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

/** Rounded up: what is counted is never less than what was spent. */
export const nanoUsdOf = (usd: number): number => Math.ceil(usd * 1e9);
export const usdOf = (nanoUsd: number): number => nanoUsd / 1e9;
