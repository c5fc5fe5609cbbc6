import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { own } from '../../json/value.ts';
import type { LimitStore, LoadStore } from '../../limits/ports.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { getItem, type Item, type Key, type TableClient, updateItem } from './table.ts';
import { Update } from './update.ts';

const limitsKey = (caller: string): Key => ({ pk: `LIMITS#${caller}`, sk: 'LIMITS' });

/** Stores callers' own limits as items in DynamoDB. Only an operator writes them. */
export const makeDynamoLimitStore = ({ client, table }: TableClient): LimitStore => ({
  get: async (caller) => {
    const item = await getItem({ client, table }, limitsKey(caller));
    return (
      item && {
        requestsPerSecond: (item.requests_per_second as number | null | undefined) ?? null,
        runsInFlight: (item.runs_in_flight as number | null | undefined) ?? null,
      }
    );
  },

  set: async (caller, limits) => {
    if (limits === undefined) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: marshall(limitsKey(caller)) }));
      return;
    }
    const { requestsPerSecond, runsInFlight } = limits;
    const item = {
      ...limitsKey(caller),
      caller,
      requests_per_second: requestsPerSecond,
      runs_in_flight: runsInFlight,
    };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
  },
});

const KEEP_SECONDS = 3_600;

const loadKey = (caller: string, sk: string): Key => ({ pk: `LOAD#${caller}`, sk });
const runsKey = (caller: string, window: number): Key => loadKey(caller, `runs#${window}`);

/**
 * Stores callers' loads as small items in DynamoDB, one for each caller and window; DynamoDB's TTL deletes them. `once`
 * is a client without retries: taking a run out twice would let others in beyond the limit. Other writes may be applied
 * twice, which counts too much until the window ends.
 */
export const makeDynamoLoadStore = ({
  client,
  once,
  table,
  now = Date.now,
}: TableClient & { once: DynamoDBClient; now?: () => number }): LoadStore => {
  const change = (): Update => {
    const update = new Update();
    update.set('expires_at', Math.floor(now() / 1000) + KEEP_SECONDS);
    return update;
  };
  const write = (key: Key, update: Update): Promise<Item | undefined> =>
    updateItem({ client, table }, key, update, { create: true });

  return {
    addRequests: async (caller, window, requests) => {
      const update = change();
      update.add('requests', requests);
      const item = await write(loadKey(caller, `requests#${window}`), update);
      return numberIn(item, 'requests');
    },

    enter: async (caller, window, door, most, runs = 1) => {
      if (most < runs) return undefined;
      const update = change();
      update.add(door, runs);
      if (Number.isFinite(most)) update.absentOrAtMost(door, most - runs);
      const item = await write(runsKey(caller, window), update);
      return item && numberIn(item, door);
    },

    leave: async (caller, window, door, { runs = 1, tookMs } = {}) => {
      const update = change();
      update.add(door, -runs);
      if (tookMs !== undefined) {
        update.add('ended', runs);
        update.add('took_ms', runs * Math.round(tookMs));
      }
      const Key = marshall(runsKey(caller, window));
      await once.send(new UpdateItemCommand({ TableName: table, Key, ...update.expressions() }));
    },

    load: async (caller, window) => {
      const item = await getItem({ client, table }, runsKey(caller, window));
      return {
        direct: numberIn(item, 'direct'),
        jobs: numberIn(item, 'jobs'),
        ended: numberIn(item, 'ended'),
        tookMs: numberIn(item, 'took_ms'),
      };
    },

    lastTurn: async (caller) => {
      // A read that lags lets a job try for a place before its turn, which is harmless, and costs half as much.
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: marshall(loadKey(caller, 'turns')) }),
      );
      return numberIn(Item && unmarshall(Item), 'last_turn');
    },

    takeTurn: async (caller, { now, until, gapMs }) => {
      const key = loadKey(caller, 'turns');
      const following = change();
      following.add('last_turn', gapMs);
      following.between('last_turn', now, until);
      const first = change();
      first.set('last_turn', now + gapMs);
      first.absentOrAtMost('last_turn', now - 1);
      const item =
        (await write(key, following)) ?? (await write(key, first)) ?? (await write(key, following));
      return item && numberIn(item, 'last_turn');
    },
  };
};

const numberIn = (item: Item | undefined, name: string): number =>
  (item && (own(item, name) as number | undefined)) ?? 0;
