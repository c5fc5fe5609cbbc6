import { seededRandom } from '../../../lib/comparisons/seeded-random.ts';

const WORDS_AT_ONCE = 4_096;

/** Random numbers that a seed decides. */
export type Draws = {
  /** From 0 to 1, neither included. */
  uniform(): number;
  /** Of the standard normal distribution. */
  normal(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
};

export const makeDraws = (seed: string): Draws => {
  const random = seededRandom(seed);
  let words = random.words(WORDS_AT_ONCE);
  let at = 0;
  const uniform = (): number => {
    if (at === WORDS_AT_ONCE) [words, at] = [random.words(WORDS_AT_ONCE), 0];
    return ((words[at++] ?? 0) + 0.5) / 2 ** 32;
  };
  // Box and Muller.
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal, chance: (probability) => uniform() < probability };
};
