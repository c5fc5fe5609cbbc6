import type { Outside } from '../local/start-stack.ts';

/** One line a part: whose it is, the user's own with its address, or this machine's. */
export const whichIsWhich = ({ openai, embeddings, pinecone, aws }: Outside): string[] => [
  `model        ${openai ?? 'local n-gram model (everytoken-ngram), not an LLM'}`,
  `embeddings   ${embeddings ?? (openai ? `${openai}, or local where it has none` : 'local sentence encoder (everytoken-use)')}`,
  `pinecone     ${pinecone ?? 'local, exact cosine'}`,
  `aws          ${aws.length > 0 ? `${aws.join(', ')}; the rest local` : 'local'}`,
];
