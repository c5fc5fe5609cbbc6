import type { Clock } from '../async/clock.ts';
import { dropAbsent } from '../json/value.ts';
import { type Attributes, inSeconds, type Measurement, measured } from '../observe/metrics.ts';
import type { Embedder } from '../vectors/ports.ts';

/** Measurements of an embedder: the duration of each answered request, in ms, and the tokens of all of them. */
type Embeddings = { requestsMs: number[]; tokens: number | null };

/** Wraps an embedder to measure it; `seen` grows with each request. `tokens` is null once a server reports none. */
export const timed = (
  embedder: Embedder,
  clock: Pick<Clock, 'monotonic'>,
): { embedder: Embedder; seen: Embeddings } => {
  const seen: Embeddings = { requestsMs: [], tokens: 0 };
  const embed: Embedder['embed'] = async (texts, signal) => {
    const sentAt = clock.monotonic();
    const answer = await embedder.embed(texts, signal);
    seen.requestsMs.push(clock.monotonic() - sentAt);
    seen.tokens = seen.tokens === null || answer.tokens === null ? null : seen.tokens + answer.tokens;
    return answer;
  };
  return { embedder: { ...embedder, embed }, seen };
};

/** The metrics of the measured requests: the duration of each, and the sum of their tokens. */
export const measureEmbeddings = (
  { model, provider }: Pick<Embedder, 'model' | 'provider'>,
  { requestsMs, tokens }: Embeddings,
): Measurement[] => {
  const attributes: Attributes = dropAbsent({
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
  });
  return [
    ...measured('gen_ai.client.operation.duration', requestsMs.map(inSeconds), attributes),
    ...measured('everytoken.input_tokens', [tokens], attributes),
  ];
};
