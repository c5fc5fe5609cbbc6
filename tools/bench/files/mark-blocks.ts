import { setTimeout as delay } from 'node:timers/promises';
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '../../../lib/adapters/dynamodb/attribute-value.ts';
import { countNames } from '../../../lib/adapters/dynamodb/file-item.ts';
import { FILE_LIMITS } from '../../../lib/files/limits.ts';
import type { Clients } from './clients.ts';
import { blockOf } from './seed-runs.ts';

const POLL_MS = 20;

/**
 * Marks all lines of each block as done as soon as intake has written the block, as the workers would have done line by
 * line. Skips the blocks in `except`, and blocks in which a worker has already marked a line.
 */
export const markBlocks = async (
  { fileId, lines, except = [] }: { fileId: string; lines: number; except?: number[] },
  { dynamodb, table }: Clients,
  signal: AbortSignal,
): Promise<void> => {
  const blocks = blockOf(lines) + 1;
  for (let number = 0; number < blocks && !signal.aborted; ) {
    if (except.includes(number)) {
      number += 1;
      continue;
    }
    const first = number * FILE_LIMITS.blockLines + 1;
    const count = Math.min(FILE_LIMITS.blockLines, lines - first + 1);
    const counts = countNames({ completed: count, generations: count });
    const Key = marshall({ pk: `FILE#${fileId}`, sk: `BLOCK#${String(number).padStart(6, '0')}` });
    const all = new Set(Array.from({ length: count }, (_, at) => first + at));
    try {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: 'SET done = :all, n_completed = :completed, n_generations = :generations',
          ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(done)',
          ExpressionAttributeValues: marshall({
            ':all': all,
            ':completed': counts.n_completed,
            ':generations': counts.n_generations,
          }),
        }),
      );
      number += 1;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: table, Key, ConsistentRead: true }),
      );
      // An item without `done`: intake wrote it after the update failed, so the update is retried at once.
      if (Item?.done) number += 1;
      else if (!Item) await delay(POLL_MS);
    }
  }
};
