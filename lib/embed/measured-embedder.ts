import type { Clock } from '../async/clock.ts';
import { dropAbsent } from '../json/value.ts';
import { type Attributes, inSeconds, type Measurement, measured } from '../observe/metrics.ts';
import type { Embedder } from '../vectors/ports.ts';

/** What was seen of an embedder's work: the time of each request that it answered, in ms, and the tokens of all. */
type Embeddings = { requestsMs: number[]; tokens: number | null };

/** The embedder, and what is seen of its work as it goes. `tokens` is null once a server did not tell them. */
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

/** What embedding took: the time of each request that was answered, and all of their tokens. */
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
    ...measured('gen_ai.client.token.usage', [tokens], { ...attributes, 'gen_ai.token.type': 'input' }),
  ];
};
