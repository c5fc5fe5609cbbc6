import type { Clock } from '../../async/clock.ts';
import { makeShards, type Shards } from '../../runs/shards.ts';
import { systemClock } from '../system.ts';
import type { TableClient } from './table.ts';
import { readTableRecord } from './table-record.ts';

/** The shards of a table, read with the first entry of a list and then every five minutes. */
export const makeDynamoShards = (table: TableClient, clock: Clock = systemClock): Shards =>
  makeShards(async () => (await readTableRecord(table)).shards, clock);
