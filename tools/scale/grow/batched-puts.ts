import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../measure/table-units.ts';

/** DynamoDB's limit of a batch. */
const BATCH = 25;

/** The item that an update makes where there is none. It may only set and remove attributes. */
const itemOf = ({ Key, UpdateExpression = '', ...names }: UpdateItemCommand['input']): Item => {
  const { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = names;
  const [, sets = ''] = /^SET (.*?)(?: REMOVE .*)?$/.exec(UpdateExpression) ?? [];
  const attributes = sets.split(', ').map((set) => {
    const [alias = '', value = ''] = set.split(' = ');
    const [name, attribute] = [ExpressionAttributeNames[alias], ExpressionAttributeValues[value]];
    if (name === undefined || attribute === undefined)
      throw new Error(`only SET and REMOVE can be batched, not '${UpdateExpression}'`);
    return [name, attribute] as const;
  });
  return { ...Key, ...Object.fromEntries(attributes) };
};

/**
 * A client for stores that gathers the items they write into batches, which a table takes much faster. For new items
 * only: conditions are taken for met, and an update for a put. A get does not see what is gathered.
 */
export const makeBatchedPuts = (client: DynamoDBClient) => {
  const waiting: Item[] = [];
  let table = '';
  const flush = async (): Promise<void> => {
    const requests = waiting.splice(0).map((Item) => ({ PutRequest: { Item } }));
    if (requests.length === 0) return;
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
    );
    if (Object.keys(UnprocessedItems).length > 0) throw new Error('the table did not take a whole batch');
  };
  const send = async (command: unknown): Promise<object> => {
    if (command instanceof GetItemCommand) return client.send(command);
    if (command instanceof PutItemCommand) waiting.push(command.input.Item ?? {});
    else if (command instanceof UpdateItemCommand) waiting.push(itemOf(command.input));
    else throw new Error('only gets, puts and updates are known here');
    table = command.input.TableName ?? '';
    if (waiting.length >= BATCH) await flush();
    return {};
  };
  return { client: { send } as unknown as DynamoDBClient, flush };
};
