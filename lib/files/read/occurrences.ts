import { createHash } from 'node:crypto';

/** Plain JSON, for a checkpoint: hashes, and beside them how often each was seen. */
export type SeenOccurrences = { hashes: number[]; counts: number[] };

/**
 * Counts equal texts by 48 bits of their hash: 100,000 of them take some 10 MB, and never their own length. Should two
 * texts share a hash, the second is only counted as another occurrence, and always as the same one.
 */
export const makeOccurrences = (seen: SeenOccurrences = { hashes: [], counts: [] }) => {
  const counts = new Map(seen.hashes.map((hash, at) => [hash, seen.counts[at] ?? 1]));
  return {
    /** How many equal texts came before this one. */
    next: (text: string): number => {
      const hash = createHash('sha256').update(text).digest().readUIntBE(0, 6);
      const before = counts.get(hash) ?? 0;
      counts.set(hash, before + 1);
      return before;
    },
    seen: (): SeenOccurrences => ({ hashes: [...counts.keys()], counts: [...counts.values()] }),
  };
};
