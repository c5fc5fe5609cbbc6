import { CONTEXT_LENGTH, type Ngram } from './ngram.ts';
import { PARAGRAPH_START, type Position, positionAfter } from './position.ts';
import type { Predict } from './predict.ts';
import type { Random } from './random.ts';
import { candidatesOf, drawFrom, penalise, type Sampling, sortedHead } from './sampling.ts';
import { makeTextStream } from './text-stream.ts';

export type FinishReason = 'stop' | 'length';

/** A dense token id (or the model's `end`) and the natural logarithm of its probability. */
export type Scored = { id: number; logprob: number };
/**
 * A sampled token. `offset` is the start of its text in the output, in UTF-16 units; `top` holds the `topLogprobs` most
 * likely tokens at this point.
 */
export type ScoredToken = Scored & { offset: number; top: Scored[] };

/**
 * One step of a generation. `text` is the text that can be sent now, `tokens` are its tokens: none while a character or
 * a possible stop string is incomplete, several once it is complete. `sampled` is 1, or 0 for the end of the text.
 */
export type Step = { text: string; tokens: ScoredToken[]; sampled: 0 | 1; finish?: FinishReason };

export type GenerateOptions = {
  sampling: Sampling;
  maxTokens: number;
  stop: readonly string[];
  /** The number of most likely tokens in `top`. Absent: no logprobs are computed, and `logprob` is NaN. */
  topLogprobs?: number;
  random: Random;
  /** Dense tokens to continue from. Absent or empty: the output starts a paragraph. */
  context?: readonly number[];
};

const scoreOf = (probabilities: Float64Array, id: number): Scored => ({
  id,
  logprob: Math.log(probabilities[id] ?? 0),
});

/** The most likely tokens, none of probability zero. */
const likeliest = (probabilities: Float64Array, count: number): Scored[] =>
  count === 0
    ? []
    : sortedHead(probabilities, (ids) => ids.length >= count)
        .slice(0, count)
        .filter((id) => (probabilities[id] ?? 0) > 0)
        .map((id) => scoreOf(probabilities, id));

/** Queues tokens until their text is sent. Tokens of an incomplete character leave with the one that completes it. */
const makeQueue = () => {
  const waiting: ScoredToken[] = [];
  let sent = 0;
  return {
    add: (token: ScoredToken): void => void waiting.push(token),
    /** Removes the tokens that begin before the end of all text sent. */
    take(text: string): ScoredToken[] {
      sent += text.length;
      const kept = waiting.findIndex(({ offset }) => offset >= sent);
      return waiting.splice(0, kept < 0 ? waiting.length : kept);
    },
    takeAll: (): ScoredToken[] => waiting.splice(0),
  };
};

/**
 * Generates a text token by token. Only the last step has `finish`. Logprobs are the model's own, before penalties,
 * bias, temperature and truncation, as in vLLM. Tokens of stop text alone are sampled and counted, but are in no step's
 * `tokens`.
 */
export function* generate(model: Ngram, predict: Predict, options: GenerateOptions): Generator<Step, void> {
  const { sampling, maxTokens, topLogprobs, random } = options;
  const stream = makeTextStream(options.stop);
  const queue = makeQueue();
  const counts = new Map<number, number>();
  const probabilities = new Float64Array(model.size);
  let context = options.context?.length ? [...options.context] : [model.begin];
  let position: Position = { ...PARAGRAPH_START, offset: options.context?.length ?? 0 };

  for (let sampled = 1; ; sampled++) {
    predict(context, probabilities, position);
    const top = likeliest(probabilities, topLogprobs ?? 0);
    const plain = topLogprobs === undefined ? undefined : probabilities.slice();
    penalise(probabilities, counts, sampling);
    const id = drawFrom(candidatesOf(probabilities, sampling), random);
    if (id === model.end) {
      yield { text: stream.close(), tokens: queue.takeAll(), sampled: 0, finish: 'stop' };
      return;
    }
    counts.set(id, (counts.get(id) ?? 0) + 1);
    const breaks = model.breaks[id] === 1;
    position = breaks ? PARAGRAPH_START : positionAfter(position, model.marks, context.at(-1), id);
    context = breaks ? [model.begin] : [...context, id].slice(-CONTEXT_LENGTH);

    const scored = plain ? scoreOf(plain, id) : { id, logprob: Number.NaN };
    queue.add({ ...scored, offset: stream.decoded(), top });
    const { text, stopped } = stream.add(model.bytes[id] ?? new Uint8Array());
    if (stopped) {
      yield { text, tokens: queue.take(text), sampled: 1, finish: 'stop' };
      return;
    }
    if (sampled >= maxTokens) {
      yield { text: text + stream.close(), tokens: queue.takeAll(), sampled: 1, finish: 'length' };
      return;
    }
    yield { text, tokens: queue.take(text), sampled: 1 };
  }
}
