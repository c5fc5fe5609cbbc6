import { createCipheriv, createHash } from 'node:crypto';

/**
 * Makes a deterministic random generator: the key stream of AES-128 in counter mode under the seed's SHA-256, read as
 * unsigned 32-bit integers. `words(count)` draws `count` of these, `below(n, count)` integers from 0 to n - 1 (the bias is
 * under n / 2^32).
 */
export const seededRandom = (seed: string) => {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const words = (count: number): Uint32Array => {
    const drawn = new Uint32Array(count);
    const bytes = new Uint8Array(drawn.buffer);
    bytes.set(stream.update(bytes));
    return drawn;
  };
  return { words, below: (n: number, count: number): Uint32Array => words(count).map((word) => word % n) };
};

export type SeededRandom = ReturnType<typeof seededRandom>;

/** A copy of the items in random order (Fisher and Yates). */
export const shuffled = <T>(items: readonly T[], random: SeededRandom): T[] => {
  const rest = [...items];
  return items.flatMap((_, at) => rest.splice(random.below(items.length - at, 1)[0] ?? 0, 1));
};
