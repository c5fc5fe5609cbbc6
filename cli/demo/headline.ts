import type { Outside } from '../../local/start-stack.ts';
import { whichIsWhich } from '../which-is-which.ts';

/** What the demo runs on, first of all; with services of the user's own, which they are, before they cost anything. */
export const headline = (outside: Outside, pace: number): string[] => {
  const { openai, embeddings, pinecone, aws } = outside;
  const local = `local n-gram model, not an LLM · ${pace === 0 ? 'unpaced' : `pace simulated at ${pace} tokens/s`}`;
  const first = `everytoken demo · ${openai === undefined ? local : `model at ${hostOf(openai)}`}`;
  const isAllLocal = [openai, embeddings, pinecone, ...aws].every((service) => service === undefined);
  if (isAllLocal) return [first];
  return [
    first,
    ...whichIsWhich(outside),
    'What is not local is your own service: it may charge you for some 20 short texts, and what is stored there stays.',
  ];
};

/** An address can hold a password. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? url;
