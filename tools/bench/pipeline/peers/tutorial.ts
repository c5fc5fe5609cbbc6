import { Pinecone } from '@pinecone-database/pinecone';
import OpenAI from 'openai';
import { type MakeJob, PLACE, SETTINGS } from './services.ts';

/**
 * The tutorial's way: ask the model for a whole answer, divide its time by its tokens, embed it, and upsert it with its
 * text and tokens under one fixed id, so that each output replaces the one before. Nothing else is stored.
 */
export const makeJob: MakeJob = async ({ openai, model, embeddingModel, pinecone }) => {
  const client = new OpenAI({ baseURL: openai, apiKey: 'bench' });
  const vectors = new Pinecone({ apiKey: pinecone.apiKey, controllerHostUrl: pinecone.url });
  const { host } = await vectors.indexes.describe(PLACE.index);
  const index = vectors.index({ host });
  return async (_, prompt) => {
    const startedAt = performance.now();
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: prompt }],
      ...SETTINGS,
    });
    const text = answer.choices[0]?.message.content?.trim() ?? '';
    const tokens = answer.usage?.completion_tokens ?? 0;
    const speed = (performance.now() - startedAt) / 1_000 / tokens;
    if (!Number.isFinite(speed)) throw new Error('the model server counted no tokens');
    const { data } = await client.embeddings.create({ model: embeddingModel, input: text });
    const values = data[0]?.embedding ?? [];
    const records = [{ id: 'output', values, metadata: { text, tokens } }];
    await index.upsert({ records, namespace: PLACE.namespace });
  };
};
