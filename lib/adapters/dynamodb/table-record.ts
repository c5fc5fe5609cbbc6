import type { Clock } from '../../async/clock.ts';
import { makeShards, type ShardChange, type Shards } from '../../runs/shards.ts';
import { systemClock } from '../system.ts';
import { getItem, type TableClient, updateItem } from './table.ts';
import { Update } from './update.ts';

const KEY = { pk: 'TABLE', sk: 'TABLE' };

/** A table's own record: its version, undefined before version 2, and the history of its shards. */
export type TableRecord = { version: number | undefined; shards: ShardChange[]; revision: number };

/** Reads a table's record, strongly consistent. */
export const readTableRecord = async (table: TableClient): Promise<TableRecord> => {
  const item = await getItem(table, KEY);
  return {
    version: item?.version as number | undefined,
    shards: (item?.shards as ShardChange[] | undefined) ?? [],
    revision: (item?.revision as number | undefined) ?? 0,
  };
};

/** Writes a part of the record. Resolves to whether it was still as it was `read`; otherwise nothing was written. */
export const writeTableRecord = async (
  table: TableClient,
  change: Partial<Pick<TableRecord, 'version' | 'shards'>>,
  read: Pick<TableRecord, 'revision'>,
): Promise<boolean> => {
  const update = new Update();
  update.set('version', change.version);
  update.set('shards', change.shards);
  update.set('revision', read.revision + 1);
  update.equals('revision', read.revision || null);
  return (await updateItem(table, KEY, update, { create: true })) !== undefined;
};

/** The shards of a table, read with the first entry of a list and then every five minutes. */
export const makeDynamoShards = (table: TableClient, clock: Clock = systemClock): Shards =>
  makeShards(async () => (await readTableRecord(table)).shards, clock);
