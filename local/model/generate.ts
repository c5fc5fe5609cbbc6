import type { Random } from './random.ts';
import { candidatesOf, drawFrom, penalise, type Sampling, sortedHead } from './sampling.ts';
import type { Source } from './source.ts';
import { makeTextStream } from './text-stream.ts';

type FinishReason = 'stop' | 'length';

/**
 * A token's id in the vocabulary of its source, its bytes (null for the end of the text), and the natural logarithm of
 * its probability.
 */
export type Scored = { id: number; bytes: Uint8Array | null; logprob: number };
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
};

const NO_BYTES = new Uint8Array();

const bytesOf = ({ bytes, end }: Source, id: number): Uint8Array | null =>
  id === end ? null : (bytes[id] ?? NO_BYTES);

const scoreOf = (source: Source, probabilities: Float64Array, id: number): Scored => ({
  id,
  bytes: bytesOf(source, id),
  logprob: Math.log(probabilities[id] ?? 0),
});

/** The most likely tokens, none of probability zero. */
const likeliest = (source: Source, probabilities: Float64Array, count: number): Scored[] =>
  count === 0
    ? []
    : sortedHead(probabilities, (ids) => ids.length >= count)
        .slice(0, count)
        .filter((id) => (probabilities[id] ?? 0) > 0)
        .map((id) => scoreOf(source, probabilities, id));

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
 * Generates a text token by token. Only the last step has `finish`. Logprobs are the source's own, before penalties,
 * bias, temperature and truncation, as in vLLM. Tokens of stop text alone are sampled and counted, but are in no step's
 * `tokens`.
 */
export function* generate(source: Source, options: GenerateOptions): Generator<Step, void> {
  const { sampling, maxTokens, topLogprobs, random } = options;
  const stream = makeTextStream(options.stop);
  const queue = makeQueue();
  const counts = new Map<number, number>();
  const probabilities = new Float64Array(Math.max(source.bytes.length, source.end + 1));

  for (let sampled = 1; ; sampled++) {
    source.predict(probabilities);
    const top = likeliest(source, probabilities, topLogprobs ?? 0);
    const plain = topLogprobs === undefined ? undefined : probabilities.slice();
    penalise(probabilities, counts, sampling);
    const id = drawFrom(candidatesOf(probabilities, sampling), random);
    if (id === source.end) {
      yield { text: stream.close(), tokens: queue.takeAll(), sampled: 0, finish: 'stop' };
      return;
    }
    counts.set(id, (counts.get(id) ?? 0) + 1);
    source.take(id);

    const bytes = source.bytes[id] ?? NO_BYTES;
    const logprob = plain ? Math.log(plain[id] ?? 0) : Number.NaN;
    queue.add({ id, bytes, logprob, offset: stream.decoded(), top });
    const { text, stopped } = stream.add(bytes);
    if (stopped) {
      yield { text, tokens: queue.take(text), sampled: 1, finish: 'stop' };
      return;
    }
    if (source.isComplete() || sampled >= maxTokens) {
      const finish = source.isComplete() ? 'stop' : 'length';
      yield { text: text + stream.close(), tokens: queue.takeAll(), sampled: 1, finish };
      return;
    }
    yield { text, tokens: queue.take(text), sampled: 1 };
  }
}
