import type { Clock } from '../async/clock.ts';
import type { Embedder } from '../vectors/ports.ts';

/** What was seen of an embedder's work: the time of each request that it answered, in ms, and the tokens of all. */
export type Embeddings = { requestsMs: number[]; tokens: number | null };

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
