import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoKeyStore } from '../lib/adapters/dynamodb/key-store.ts';
import type { Configuration } from '../lib/adapters/settings/configuration.ts';
import { systemClock } from '../lib/adapters/system.ts';
import { type Authenticate, makeAuthenticate } from '../lib/http/authenticate.ts';
import { parseApiKeys } from '../lib/keys/api-key.ts';

/**
 * Who calls: by the keys in the configuration, by those in the table, or the anonymous caller where one is set. The
 * table is asked only for a key that the configuration does not know.
 */
export const composeAuthenticate = (
  { apiKeys, anonymousCaller, tableName }: Configuration,
  dynamodb: DynamoDBClient,
): Authenticate =>
  makeAuthenticate({
    keys: parseApiKeys(apiKeys ?? ''),
    findKey: makeDynamoKeyStore({ client: dynamodb, table: tableName }).get,
    anonymousCaller,
    now: systemClock.now,
  });
