import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ChatOpenAI } from '@langchain/openai';

/** A plain function with LangChain.js, unbundled: streams an answer and puts it into DynamoDB. */
const { OPENAI_BASE_URL, DEFAULT_MODEL, TABLE_NAME } = process.env;
const dynamodb = new DynamoDBClient({});
const chat = new ChatOpenAI({
  model: DEFAULT_MODEL,
  apiKey: 'bench',
  configuration: { baseURL: OPENAI_BASE_URL },
});

export const handler = async ({ id, prompt }) => {
  let text = '';
  for await (const chunk of await chat.stream(prompt)) text += chunk.text;
  const Item = { pk: { S: `PEER#${id}` }, sk: { S: 'PEER' }, text: { S: text } };
  await dynamodb.send(new PutItemCommand({ TableName: TABLE_NAME, Item }));
  return { text };
};
