import { randomInt } from 'node:crypto';

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** Mixes the bits of a 32-bit number, so that similar seeds give different streams. */
const mixed = (value: number): number => {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) | 0;
};

/**
 * Makes a reproducible stream of numbers in [0, 1) with 32 bits each (the sfc32 generator).
 * `seed` is any safe integer; `stream` separates the choices of one request.
 */
export const seededRandom = (seed: number, stream = 0): Random => {
  let a = mixed(seed % 0x1_0000_0000);
  let b = mixed(Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9);
  let c = mixed(stream ^ 0x243f6a88);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
};

/** A seed for a request that gave none. */
export const freshSeed = (): number => randomInt(0x7fff_ffff);
