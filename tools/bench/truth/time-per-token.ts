import type { Arrival } from './reported.ts';

/** (last piece - first piece) / (tokens - 1), in ms: what a reader makes of a token count. Null below two tokens. */
export const timePerToken = (arrivals: readonly Arrival[], tokens: number | undefined): number | null => {
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  if (!first || !last || tokens === undefined || tokens < 2) return null;
  return (last.tMs - first.tMs) / (tokens - 1);
};
