import type { Way } from './measured.ts';

/** What is asked for, and what is assumed of services that were not measured here. */
export type Workload = {
  way: Way;
  promptTokens: number;
  outputTokens: number;
  /** From the request to the model's first token, in ms. */
  ttftMs: number;
  tokensPerSecond: number;
  /** Runs that share an embeddings request and an upsert. */
  embedBatch: number;
  /** One embeddings request, and one upsert, in ms. */
  embeddingsMs: number;
  upsertMs: number;
  /** How much longer a request to AWS takes there than on one machine, in ms. */
  awsCallMs: number;
  model: string;
};

export const TYPICAL: Workload = {
  way: 'stream',
  promptTokens: 20,
  outputTokens: 100,
  ttftMs: 500,
  tokensPerSecond: 50,
  embedBatch: 10,
  embeddingsMs: 400,
  upsertMs: 200,
  awsCallMs: 10,
  model: 'gpt-6-luna',
};

/** How long the model takes for one output, in ms. */
export const generationMs = ({ ttftMs, outputTokens, tokensPerSecond }: Workload): number =>
  ttftMs + (Math.max(0, outputTokens - 1) / tokensPerSecond) * 1_000;
