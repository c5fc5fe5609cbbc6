import type { Way } from './measured.ts';

/** The shape of the requests, and assumptions about services that were not measured. */
export type Workload = {
  way: Way;
  promptTokens: number;
  outputTokens: number;
  /** Time from the request to the model's first token, in ms. */
  ttftMs: number;
  tokensPerSecond: number;
  /** The number of runs that share an embeddings request and an upsert: 1, or as many as in a full batch. */
  embedBatch: number;
  /** The duration of an embeddings request and of an upsert, in ms. */
  embeddingsMs: number;
  upsertMs: number;
  /** The extra time that a request to AWS takes there, compared with one machine, in ms. */
  awsCallMs: number;
  model: string;
};

export const TYPICAL: Workload = {
  way: 'stream',
  promptTokens: 20,
  outputTokens: 100,
  ttftMs: 500,
  tokensPerSecond: 50,
  embedBatch: 50,
  embeddingsMs: 400,
  upsertMs: 200,
  awsCallMs: 10,
  model: 'gpt-6-luna',
};

/** The time that the model takes for one output, in ms. */
export const generationMs = ({ ttftMs, outputTokens, tokensPerSecond }: Workload): number =>
  ttftMs + (Math.max(0, outputTokens - 1) / tokensPerSecond) * 1_000;
