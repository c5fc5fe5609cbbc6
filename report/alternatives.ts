import type { Generation, TokenLogprob } from '../client/api-types.ts';

export type Alternative = {
  /** From 1 by probability; undefined for a chosen token that is not among the most probable ones that were kept. */
  rank: number | undefined;
  text: string;
  /** Undefined when the server sent none. */
  probability: number | undefined;
  isChosen: boolean;
};

/** The candidates at a token's place, the most probable first, the chosen one among them or at the end. */
export const alternativesOf = (logprob: TokenLogprob): Alternative[] => {
  const sorted = logprob.top_logprobs.toSorted(
    (a, b) => (b.logprob ?? Number.NEGATIVE_INFINITY) - (a.logprob ?? Number.NEGATIVE_INFINITY),
  );
  const chosenAt = sorted.findIndex(({ token, bytes }) =>
    bytes === null || logprob.bytes === null ? token === logprob.token : `${bytes}` === `${logprob.bytes}`,
  );
  const found = sorted.map(({ token, logprob: each }, at) => ({
    rank: at + 1,
    text: token,
    probability: probabilityOf(each),
    isChosen: at === chosenAt,
  }));
  if (chosenAt >= 0) return found;
  const chosen = {
    rank: undefined,
    text: logprob.token,
    probability: probabilityOf(logprob.logprob),
    isChosen: true,
  };
  return [...found, chosen];
};

/** Undefined when the server sent none. */
export const probabilityOf = (logprob: number | null): number | undefined =>
  logprob === null ? undefined : Math.exp(logprob);

/** Where a cut falls: after the alternative of this rank, or beyond those that are known. */
export type Cut = { name: string; after: number | undefined };

/**
 * Where the requested top-k and top-p cut: after the k most probable tokens, and after the first ones whose
 * probabilities add up to p. The probabilities are those before temperature and penalties.
 */
export const cutsOf = (
  alternatives: readonly Alternative[],
  requested: Generation['sampling']['requested'],
): Cut[] => {
  const ranked = alternatives.filter(({ rank }) => rank !== undefined);
  const { top_k, top_p } = requested as { top_k?: unknown; top_p?: unknown };
  const cuts: Cut[] = [];
  if (typeof top_k === 'number')
    cuts.push({ name: `top-k ${top_k}`, after: top_k <= ranked.length ? top_k : undefined });
  if (typeof top_p === 'number' && top_p < 1) {
    let sum = 0;
    const at = ranked.findIndex(({ probability }) => {
      sum += probability ?? Number.NaN;
      return sum >= top_p;
    });
    cuts.push({ name: `top-p ${top_p}`, after: at < 0 ? undefined : at + 1 });
  }
  return cuts;
};
