import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { Pinecone } from '@pinecone-database/pinecone';
import OpenAI from 'openai';

/** The five clients of everytoken as packages have them, unbundled, without any work. */
const clients = [
  new OpenAI({ apiKey: 'bench' }),
  new Pinecone({ apiKey: 'bench' }),
  new DynamoDBClient({}),
  new S3Client({}),
  new EventBridgeClient({}),
];

export const handler = async () => ({ clients: clients.length });
