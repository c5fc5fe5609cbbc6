import { type Attributes, inSeconds, type Measurement, measured } from '../observe/metrics.ts';
import type { Embedder } from '../vectors/ports.ts';
import type { Embeddings } from './timed-embedder.ts';

/** What embedding took: the time of each request that was answered, and all of their tokens. */
export const measureEmbeddings = (
  { model, provider }: Pick<Embedder, 'model' | 'provider'>,
  { requestsMs, tokens }: Embeddings,
): Measurement[] => {
  const attributes: Attributes = {
    'gen_ai.operation.name': 'embeddings',
    ...(provider === undefined ? {} : { 'gen_ai.provider.name': provider }),
    'gen_ai.request.model': model,
  };
  return [
    ...measured('gen_ai.client.operation.duration', requestsMs.map(inSeconds), attributes),
    ...measured('gen_ai.client.token.usage', [tokens], { ...attributes, 'gen_ai.token.type': 'input' }),
  ];
};
