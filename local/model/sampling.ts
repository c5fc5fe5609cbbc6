import type { Random } from './random.ts';

/** `topK` 0 and `topP` 1 cut nothing; `temperature` 0 is greedy. Keys of `logitBias` are dense token ids. */
export type Sampling = {
  temperature: number;
  topK: number;
  topP: number;
  frequencyPenalty: number;
  presencePenalty: number;
  logitBias: ReadonlyMap<number, number>;
};

/** Dense token ids and their probabilities of being drawn, which sum to 1. Sorted by probability after a cut. */
export type Candidates = { ids: Int32Array; masses: Float64Array };

/** Beyond it, in either direction, penalties have no further effect: a double would overflow, or become zero. */
const MAX_PENALTY = 500;

/**
 * Applies penalties and biases to the logits, as OpenAI defines them: a token that occurs `count` times in the output
 * so far loses count x frequency + presence. Changes `probabilities` in place and leaves it unnormalised.
 */
export const penalise = (
  probabilities: Float64Array,
  counts: ReadonlyMap<number, number>,
  sampling: Sampling,
): void => {
  const { frequencyPenalty, presencePenalty, logitBias } = sampling;
  if (frequencyPenalty !== 0 || presencePenalty !== 0) {
    for (const [id, count] of counts) {
      const penalty = count * frequencyPenalty + presencePenalty;
      const bounded = Math.max(-MAX_PENALTY, Math.min(MAX_PENALTY, penalty));
      probabilities[id] = (probabilities[id] ?? 0) * Math.exp(-bounded);
    }
  }
  for (const [id, bias] of logitBias) probabilities[id] = (probabilities[id] ?? 0) * Math.exp(bias);
};

/** The id with the greatest probability; among equals, the lowest id. */
const greatest = (probabilities: Float64Array): number => {
  let best = 0;
  for (let id = 1; id < probabilities.length; id++) {
    if ((probabilities[id] ?? 0) > (probabilities[best] ?? 0)) best = id;
  }
  return best;
};

/**
 * Ids by descending probability (among equals the lower id first): at least as many as `enough` accepts, often more.
 * It sorts only ids above a floor, and lowers the floor while they are too few: sorting the long tail for each token
 * would cost more than the model.
 */
export const sortedHead = (probabilities: Float64Array, enough: (ids: number[]) => boolean): number[] => {
  const best = probabilities[greatest(probabilities)] ?? 0;
  let floor = best / 64;
  for (;;) {
    const ids: number[] = [];
    for (let id = 0; id < probabilities.length; id++) if ((probabilities[id] ?? 0) >= floor) ids.push(id);
    ids.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
    if (floor === 0 || enough(ids)) return ids;
    floor = floor < best * 1e-12 ? 0 : floor / 64;
  }
};

/**
 * Probabilities to the power of 1 / temperature, scaled so that the greatest is 1 and none overflows. Plain loops,
 * because this runs for every token.
 */
const tempered = (probabilities: Float64Array, temperature: number): Float64Array => {
  const best = probabilities[greatest(probabilities)] ?? 0;
  const power = 1 / temperature;
  const masses = new Float64Array(probabilities.length);
  for (let id = 0; id < masses.length; id++) {
    const ratio = (probabilities[id] ?? 0) / best;
    masses[id] = power === 1 || ratio === 0 ? ratio : power === 2 ? ratio * ratio : ratio ** power;
  }
  return masses;
};

const sumOf = (values: Float64Array): number => {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] ?? 0;
  return sum;
};

/** Divides the masses, in place, by their sum. */
const normalised = (ids: Int32Array, masses: Float64Array): Candidates => {
  const sum = sumOf(masses);
  for (let at = 0; at < masses.length; at++) masses[at] = (masses[at] ?? 0) / sum;
  return { ids, masses };
};

const countUp = (length: number): Int32Array => {
  const ids = new Int32Array(length);
  for (let id = 0; id < length; id++) ids[id] = id;
  return ids;
};

/** The number of sorted masses that together reach `topP` of `sum`: at least one. */
const nucleusSize = (masses: ArrayLike<number>, topP: number, sum: number): number => {
  let reached = 0;
  for (let at = 0; at < masses.length; at++) {
    reached += masses[at] ?? 0;
    if (reached >= topP * sum) return at + 1;
  }
  return masses.length;
};

/**
 * The tokens that may be drawn. As in OpenAI and vLLM, temperature comes first, then the `topK` most likely, then the
 * fewest of those that hold `topP` of their mass. `probabilities`, already penalised, need not sum to 1 and are not
 * changed. Among equal probabilities the lower id comes first. Temperature 0 leaves only the most likely token.
 */
export const candidatesOf = (
  probabilities: Float64Array,
  { temperature, topK, topP }: Sampling,
): Candidates => {
  if (temperature === 0) return { ids: Int32Array.of(greatest(probabilities)), masses: Float64Array.of(1) };
  const masses = tempered(probabilities, temperature);
  const cutsByRank = topK > 0 && topK < probabilities.length;
  if (!cutsByRank && topP >= 1) return normalised(countUp(masses.length), masses);
  const massOf = (id: number): number => masses[id] ?? 0;
  const whole = cutsByRank ? 0 : sumOf(masses);
  const head = sortedHead(probabilities, (ids) =>
    cutsByRank ? ids.length >= topK : ids.reduce((sum, id) => sum + massOf(id), 0) >= topP * whole,
  );
  const ranked = cutsByRank ? head.slice(0, topK) : head;
  const rankedMasses = Float64Array.from(ranked, massOf);
  const size =
    topP >= 1 ? ranked.length : nucleusSize(rankedMasses, topP, cutsByRank ? sumOf(rankedMasses) : whole);
  return normalised(Int32Array.from(ranked.slice(0, size)), rankedMasses.slice(0, size));
};

/** Draws one id, never one with mass zero. */
export const drawFrom = ({ ids, masses }: Candidates, random: Random): number => {
  let left = random();
  let drawn = ids[0] ?? 0;
  for (let at = 0; at < ids.length; at++) {
    const mass = masses[at] ?? 0;
    if (mass === 0) continue;
    drawn = ids[at] ?? 0;
    left -= mass;
    if (left < 0) break;
  }
  return drawn;
};
