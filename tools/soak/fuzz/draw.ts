import { type Random, seededRandom } from '../../../local/model/random.ts';

/** Random choices from a seeded stream of numbers. The same seed and stream give the same choices. */
export type Draw = {
  random: Random;
  /** A whole number in [0, n). */
  below(n: number): number;
  /** True with the probability `share`. */
  chance(share: number): boolean;
  /** @throws {Error} for an empty list */
  pick<T>(from: readonly T[]): T;
};

export const makeDraw = (seed: number, stream: number): Draw => {
  const random = seededRandom(seed, stream);
  const below = (n: number) => Math.floor(random() * n);
  return {
    random,
    below,
    chance: (share) => random() < share,
    pick: (from) => {
      const one = from[below(from.length)];
      if (one === undefined) throw new Error('pick() needs a list that is not empty');
      return one;
    },
  };
};

const WORDS = ['vector', 'lease', 'queue', 'token', 'sampling', 'event', 'retry', 'embedding', 'index'];
const ODD = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\udfff',
  '\u202e',
  'ё',
  '漢字',
  '👩‍👩‍👧',
  '\r\n',
  '"',
  '\\',
  '<b>',
  '=1+1',
  '%00',
];

export const drawWords = (draw: Draw): string =>
  Array.from({ length: 1 + draw.below(6) }, () => draw.pick(WORDS)).join(' ');

/** A text that is likely to break careless code. */
export const drawOddText = (draw: Draw): string =>
  draw.chance(0.5) ? draw.pick(ODD) : `${drawWords(draw)}${draw.pick(ODD)}${draw.pick(ODD)}`;

export const drawBytes = (draw: Draw, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => draw.below(256)));
