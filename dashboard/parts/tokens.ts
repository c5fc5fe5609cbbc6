import type { TokenLogprob, TraceChunk } from '../../client/index.ts';
import { probabilityOf } from '../../report/alternatives.ts';

/** A token of an output as pages show it; or a chunk, where the server does not say which tokens it holds. */
export type ShownToken = {
  text: string;
  /** Arrival at the function, in ms after the request to the model was dispatched (t0). */
  t_ms: number;
  /** Since the chunk before; null for the first, 0 for further tokens of the same chunk. */
  gap_ms: number | null;
  logprob?: TokenLogprob;
  /** When the function handed it to the gateway, in ms after t0; known of a stream that this page has read. */
  sent_ms?: number;
  /** When it arrived in this page, on the page's monotonic clock in ms. */
  arrived_ms?: number;
};

/** The visible tokens of a trace: reasoning, refusals and arguments of tools are no part of the text. */
export const tokensOf = (chunks: readonly TraceChunk[]): ShownToken[] => {
  let before: number | undefined;
  return chunks
    .filter(({ kind }) => kind === undefined)
    .flatMap(({ t_ms, text, logprobs }) => {
      const gap_ms = before === undefined ? null : t_ms - before;
      before = t_ms;
      const parts = logprobs ?? [];
      // Tokens that are a part of a character only have no text of their own: then the chunk is shown as one.
      if (parts.length < 2 || parts.map(({ token }) => token).join('') !== text)
        return [{ text, t_ms, gap_ms, ...(parts[0] && { logprob: parts[0] }) }];
      return parts.map((logprob, at) => ({
        text: logprob.token,
        t_ms,
        gap_ms: at === 0 ? gap_ms : 0,
        logprob,
      }));
    });
};

export type TokenColour = 'gap' | 'probability' | 'none';

/** Gaps from which on a token is tinted, in ms; the scale is the same for all outputs, so that they can be compared. */
export const GAP_STEPS: readonly number[] = [25, 50, 100, 200, 400, 800];
/** Probabilities below which a token is tinted. */
export const PROBABILITY_STEPS: readonly number[] = [0.9, 0.7, 0.5, 0.3, 0.1, 0.03];

/** How strongly a token is tinted, from 0 (as usual) to 6 (a very long gap, a very improbable token). */
export const tintOf = ({ gap_ms, logprob }: ShownToken, colour: TokenColour): number => {
  if (colour === 'gap') return GAP_STEPS.filter((step) => (gap_ms ?? 0) >= step).length;
  const probability = logprob && probabilityOf(logprob.logprob);
  if (colour === 'none' || probability === undefined) return 0;
  return PROBABILITY_STEPS.filter((step) => probability < step).length;
};
