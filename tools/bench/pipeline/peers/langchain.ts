import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { UsageMetadata } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { Pinecone } from '@pinecone-database/pinecone';
import { localAwsClients } from '../../../local-aws-clients.ts';
import { type MakeJob, PLACE, SETTINGS } from './services.ts';

/** A plain LangChain.js program: ask the model, embed the answer, upsert it, put one item and one object. */
export const makeJob: MakeJob = async (services) => {
  const { model, embeddingModel, pinecone, table, bucket, credentials } = services;
  const configuration = { baseURL: services.openai };
  const { max_tokens: maxTokens, temperature } = SETTINGS;
  const chat = new ChatOpenAI({ model, maxTokens, temperature, apiKey: 'bench', configuration });
  const embeddings = new OpenAIEmbeddings({ model: embeddingModel, apiKey: 'bench', configuration });
  const client = new Pinecone({ apiKey: pinecone.apiKey, controllerHostUrl: pinecone.url });
  const { host } = await client.indexes.describe(PLACE.index);
  const index = client.index({ host });
  const { dynamodb, s3 } = localAwsClients({ ...services, sqs: services.s3 }, { credentials });
  return async (id, prompt) => {
    const startedAt = performance.now();
    const answer = await chat.invoke(prompt);
    const seconds = (performance.now() - startedAt) / 1_000;
    const { text } = answer;
    const tokens = outputTokens(answer.usage_metadata);
    const values = await embeddings.embedQuery(text);
    const metadata = { text, tokens, model, seconds };
    await index.upsert({ records: [{ id, values, metadata }], namespace: PLACE.namespace });
    const Key = `peers/${id}.json`;
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify({ id, prompt, text, tokens }) }),
    );
    const Item = {
      ...{ pk: { S: `PEER#${id}` }, sk: { S: 'PEER' }, status: { S: 'completed' }, output: { S: Key } },
      ...{ tokens: { N: String(tokens) }, seconds: { N: String(seconds) }, model: { S: model } },
    };
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
  };
};

const outputTokens = (usage: UsageMetadata | undefined): number => usage?.output_tokens ?? 0;
