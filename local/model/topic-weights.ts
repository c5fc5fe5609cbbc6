/** Greater values leave less to the topics that fit the prompt less well. */
const sharpness = 40;
/** What a topic weighs at least: its words stay possible, and its phrases give the subject's some variety. */
const leastWeight = 0.001;

/**
 * How much each topic counts for a prompt, from the cosines of the prompt with the topics' anchors: a softmax, scaled
 * so that the best topic weighs 1, mixed with a uniform share. No weight is zero.
 */
export const topicWeights = (cosines: readonly number[]): Float64Array => {
  const best = Math.max(...cosines);
  return Float64Array.from(
    cosines,
    (cosine) => leastWeight + (1 - leastWeight) * Math.exp(sharpness * (cosine - best)),
  );
};
