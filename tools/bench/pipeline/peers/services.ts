import type { AwsKey } from '../../../../local/aws/credentials.ts';

/** The servers that all contenders use, and the names of what is on them. `openai` ends with `/v1`. */
export type Services = {
  openai: string;
  model: string;
  embeddingModel: string;
  pinecone: { url: string; apiKey: string };
  dynamodb: string;
  s3: string;
  table: string;
  bucket: string;
  credentials: AwsKey;
};

/** The index of the local stack, and a namespace that everytoken does not use. */
export const PLACE = { index: 'autogen-text', namespace: 'peers' };

/** The settings of each generation. */
export const SETTINGS = { max_tokens: 100, temperature: 0.5 };

/** Programs that work without everytoken. */
export const PEERS = ['langchain', 'tutorial'] as const;
export type Peer = (typeof PEERS)[number];

/** Generates an output of a prompt and stores it; `id` is unique. */
type Job = (id: string, prompt: string) => Promise<void>;
export type MakeJob = (services: Services) => Promise<Job>;
