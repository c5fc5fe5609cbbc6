import { WORDS_FIELD } from '../vectors/metadata.ts';
import type { VectorMatch, VectorMetadata } from '../vectors/ports.ts';

/**
 * A chunk of an output, with its cosine similarity to the query. `words` are those of the query that it has literally;
 * `metadata` has the other fields of its vector that people are shown.
 */
export type Chunk = {
  id: string;
  score: number;
  runId: string;
  index: number;
  text: string;
  words: string[];
  metadata: VectorMetadata;
};

/** The chunks of vectors, each once. Skips vectors that are not of an output. */
export const chunksOf = (matches: readonly VectorMatch[]): Chunk[] =>
  [...new Map(matches.map((match) => [match.id, match])).values()].flatMap(({ id, score, metadata }) => {
    const { run_id: runId, index, text, [WORDS_FIELD]: _, ...rest } = metadata;
    if (typeof runId !== 'string' || typeof index !== 'number') return [];
    return [
      { id, score, runId, index, text: typeof text === 'string' ? text : '', words: [], metadata: rest },
    ];
  });

/** The first chunk of each output. */
export const firstOfEach = (chunks: readonly Chunk[]): Chunk[] => {
  const first = new Map<string, Chunk>();
  for (const chunk of chunks) {
    const output = `${chunk.runId}#${chunk.index}`;
    if (!first.has(output)) first.set(output, chunk);
  }
  return [...first.values()];
};
