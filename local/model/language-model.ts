import { createHash } from 'node:crypto';
import { anchorVectors, type Embed } from './anchor-vectors.ts';
import { type Ngram, trainNgram } from './ngram.ts';
import { makePredict, type Predict } from './predict.ts';
import { encodeText } from './tokens.ts';
import { type Topic, topicWeights } from './topics.ts';

/**
 * The local model: a trained n-gram whose counts are weighted towards the prompt's subject. `predictFor` needs the
 * encoder for a new prompt, and caches the predictions of the last 200. `fingerprint` changes with the prose.
 */
export type LanguageModel = {
  ngram: Ngram;
  fingerprint: string;
  predictFor(prompt: string): Promise<Predict>;
  /** The last tokens of a text to continue: none when it ends a sentence, or ends in a token unknown to the model. */
  contextOf(text: string): number[];
};

const CACHED_PREDICTIONS = 200;
const SUBJECT_LENGTH = 450;

/** The part of a prompt that is embedded. A long prompt states its subject at its beginning and its end. */
const subjectOf = (prompt: string): string =>
  prompt.length <= 2 * SUBJECT_LENGTH
    ? prompt
    : `${prompt.slice(0, SUBJECT_LENGTH)} ${prompt.slice(-SUBJECT_LENGTH)}`;

const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

const contextIn = (ngram: Ngram, text: string): number[] => {
  if (/([.!?:]\s*|\n\s*)$/.test(text)) return [];
  const context: number[] = [];
  for (const id of encodeText(text.slice(-200)).slice(-4).reverse()) {
    const dense = ngram.denseOf.get(id);
    if (dense === undefined) break;
    context.unshift(dense);
  }
  return context;
};

export type LanguageModelOptions = { topics: readonly Topic[]; embed: Embed; cacheDir?: string };

/** Trains the model, which blocks for some 0.3 s, while the encoder's thread embeds the anchors. */
export const makeLanguageModel = ({ topics, embed, cacheDir }: LanguageModelOptions): LanguageModel => {
  const anchors = anchorVectors(topics, embed, cacheDir);
  anchors.catch(() => undefined); // no unhandled rejection here: `predictFor` rejects with the error
  const ngram = trainNgram(topics);
  const predictions = new Map<string, Promise<Predict>>();

  const predictAbout = async (subject: string): Promise<Predict> => {
    if (subject.trim() === '') return makePredict(ngram, new Float64Array(topics.length).fill(1));
    const [vector, anchorList] = await Promise.all([embed(subject), anchors]);
    return makePredict(ngram, topicWeights(anchorList.map((anchor) => cosine(anchor, vector))));
  };
  const forget = (subject: string): void => void predictions.delete(subject);

  return {
    ngram,
    fingerprint: `fp_${createHash('sha256').update(JSON.stringify(topics)).digest('hex').slice(0, 10)}`,
    predictFor(prompt) {
      const subject = subjectOf(prompt);
      const known = predictions.get(subject);
      forget(subject);
      const prediction = known ?? predictAbout(subject);
      predictions.set(subject, prediction);
      if (known === undefined) prediction.catch(() => forget(subject));
      const oldest = predictions.keys().next();
      if (predictions.size > CACHED_PREDICTIONS && !oldest.done) forget(oldest.value);
      return prediction;
    },
    contextOf: (text) => contextIn(ngram, text),
  };
};
