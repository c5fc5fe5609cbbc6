import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Attributes, NewMessage } from './message.ts';
import type { QueueAttributes } from './queue-attributes.ts';

export type Queue = { name: string; attributes: QueueAttributes; createdAt: number; changedAt: number };
export type StoredMessage = {
  id: string;
  receipt: string;
  body: string;
  attributes: Attributes;
  system: Record<string, string>;
  sentAt: number;
  receiveCount: number;
  firstReceivedAt: number;
};
type Depth = { visible: number; inFlight: number; delayed: number };
type DeadLetters = { queue: string; maxReceiveCount: number; sourceArn: string };

/** Queues and messages in a file. Every instant is in ms since the epoch. */
export type QueueStore = {
  find(name: string): Queue | undefined;
  names(): string[];
  put(queue: Queue): void;
  /** Deletes a queue with its messages. */
  remove(name: string): void;
  /** Adds messages that become visible at `visibleAt`, all or none, and returns their ids. */
  add(queue: string, messages: readonly { message: NewMessage; visibleAt: number }[], now: number): string[];
  /**
   * Takes up to `limit` visible messages, those that have been visible longest first, and hides them until `hiddenTo`.
   * Messages that were received as often as `dead` allows go there instead.
   */
  take(
    queue: string,
    options: { limit: number; now: number; hiddenTo: number; dead: DeadLetters | undefined },
  ): { taken: StoredMessage[]; moved: number };
  /** The instant at which the next message becomes visible, or became; `undefined` in an empty queue. */
  nextVisible(queue: string): number | undefined;
  /** Deletes messages by the receipts of their last receptions; any other receipt has no effect. */
  delete(queue: string, receipts: readonly string[]): void;
  /** Sets when a message in flight becomes visible; false when the receipt is not of a message in flight. */
  hide(queue: string, receipt: string, visibleAt: number, now: number): boolean;
  depth(queue: string, now: number): Depth;
  purge(queue: string): void;
  close(): void;
};

/** The version of the file's schema. A file of another version is refused. */
const SCHEMA_VERSION = 1;
const SCHEMA = `
CREATE TABLE queues (
  name TEXT PRIMARY KEY,
  attributes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE messages (
  number INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  id TEXT NOT NULL,
  visible_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  receive_count INTEGER NOT NULL DEFAULT 0,
  first_received_at INTEGER,
  receipt TEXT,
  system TEXT NOT NULL,
  attributes TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX turns ON messages (queue, visible_at, number);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * In WAL mode a commit is with the operating system before it returns, so it survives kill -9 of this process. Only a
 * power cut may lose the last ones: https://www.sqlite.org/wal.html
 */
const open = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  if (version === 0) database.exec(`BEGIN; ${SCHEMA} COMMIT;`);
  else if (version !== SCHEMA_VERSION) {
    database.close();
    throw new Error(
      `${file} holds queues of version ${version}, this server reads version ${SCHEMA_VERSION}: choose another data folder, or move the file away`,
    );
  }
  return database;
};

const statements = (database: DatabaseSync) => ({
  begin: database.prepare('BEGIN IMMEDIATE'),
  commit: database.prepare('COMMIT'),
  put: database.prepare('INSERT OR REPLACE INTO queues VALUES (?, ?, ?, ?)'),
  remove: database.prepare('DELETE FROM queues WHERE name = ?'),
  add: database.prepare(
    'INSERT INTO messages (queue, id, visible_at, sent_at, system, attributes, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  visible: database.prepare(
    'SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, number LIMIT ?',
  ),
  take: database.prepare(
    `UPDATE messages SET visible_at = ?, receipt = ?, receive_count = receive_count + 1,
     first_received_at = coalesce(first_received_at, ?) WHERE number = ?`,
  ),
  move: database.prepare(
    'UPDATE messages SET queue = ?, visible_at = ?, receipt = NULL, system = ? WHERE number = ?',
  ),
  nextVisible: database.prepare('SELECT min(visible_at) AS next FROM messages WHERE queue = ?'),
  delete: database.prepare('DELETE FROM messages WHERE number = ? AND queue = ? AND receipt = ?'),
  hide: database.prepare(
    'UPDATE messages SET visible_at = ? WHERE number = ? AND queue = ? AND receipt = ? AND visible_at > ?',
  ),
  depth: database.prepare(
    `SELECT count(*) FILTER (WHERE visible_at <= ?1) AS visible,
       count(*) FILTER (WHERE visible_at > ?1 AND receipt IS NOT NULL) AS inFlight,
       count(*) FILTER (WHERE visible_at > ?1 AND receipt IS NULL) AS delayed
     FROM messages WHERE queue = ?2`,
  ),
  purge: database.prepare('DELETE FROM messages WHERE queue = ?'),
});

/**
 * Takes over the messages of a data folder from when fauxqs kept the queues. A crash in between only repeats it.
 */
const takeOver = (database: DatabaseSync, file: string): void => {
  database.prepare('ATTACH ? AS before').run(file);
  if (database.prepare("SELECT 1 FROM before.sqlite_schema WHERE name = 'sqs_messages'").get()) {
    database.exec(`
      INSERT INTO messages (queue, id, visible_at, sent_at, receive_count, system, attributes, body)
        SELECT queue_name, message_id, coalesce(delay_until, sent_timestamp), sent_timestamp,
          coalesce(approximate_receive_count, 0), '{}', message_attributes, body
        FROM before.sqs_messages WHERE message_id NOT IN (SELECT id FROM messages) ORDER BY sent_timestamp;
      DELETE FROM before.sqs_messages;
    `);
  }
  database.exec('DETACH before');
};

type Row = Record<string, SQLOutputValue>;

const readQueue = (row: Row): Queue => ({
  name: String(row.name),
  attributes: JSON.parse(String(row.attributes)),
  createdAt: Number(row.created_at),
  changedAt: Number(row.changed_at),
});

const RECEIPT = /^(\d{1,15})-[0-9a-f-]{36}$/;

/** The number of the message that a receipt belongs to; `undefined` for a text that is no receipt. */
export const numberIn = (receipt: string): number | undefined => {
  const [, number] = RECEIPT.exec(receipt) ?? [];
  return number === undefined ? undefined : Number(number);
};

/**
 * Opens or creates the file. Messages in flight belonged to consumers that are gone, so they are visible at once.
 * `before` is the file in which fauxqs kept the queues of older data folders.
 */
export const openQueueStore = (file: string, before?: string): QueueStore => {
  const database = open(file);
  if (before !== undefined && existsSync(before)) takeOver(database, before);
  const sql = statements(database);
  const queues = new Map(
    database
      .prepare('SELECT * FROM queues')
      .all()
      .map(readQueue)
      .map((queue) => [queue.name, queue]),
  );
  database
    .prepare('UPDATE messages SET visible_at = ?1 WHERE receipt IS NOT NULL AND visible_at > ?1')
    .run(Date.now());

  const atomically = <T>(work: () => T): T => {
    sql.begin.run();
    try {
      const result = work();
      sql.commit.run();
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  /** Moves those of the next messages that were received too often, until there is none among them. */
  const moveDead = (next: () => Row[], dead: DeadLetters | undefined, now: number): number => {
    for (let moved = 0; ; ) {
      const spent = next().filter((row) => dead && Number(row.receive_count) >= dead.maxReceiveCount);
      if (!dead || spent.length === 0) return moved;
      for (const { system, number } of spent) {
        const own = { ...JSON.parse(String(system)), DeadLetterQueueSourceArn: dead.sourceArn };
        sql.move.run(dead.queue, now, JSON.stringify(own), Number(number));
      }
      moved += spent.length;
    }
  };

  return {
    find: (name) => queues.get(name),
    names: () => [...queues.keys()].toSorted(),
    put: (queue) => {
      sql.put.run(queue.name, JSON.stringify(queue.attributes), queue.createdAt, queue.changedAt);
      queues.set(queue.name, queue);
    },
    remove: (name) => {
      atomically(() => {
        sql.purge.run(name);
        sql.remove.run(name);
      });
      queues.delete(name);
    },
    add: (queue, messages, now) =>
      atomically(() =>
        messages.map(({ message: { body, attributes, system }, visibleAt }) => {
          const id = randomUUID();
          sql.add.run(queue, id, visibleAt, now, JSON.stringify(system), JSON.stringify(attributes), body);
          return id;
        }),
      ),
    take: (queue, { limit, now, hiddenTo, dead }) =>
      atomically(() => {
        const next = () => sql.visible.all(queue, now, limit);
        const moved = moveDead(next, dead, now);
        const taken = next().map((row): StoredMessage => {
          const receipt = `${row.number}-${randomUUID()}`;
          sql.take.run(hiddenTo, receipt, now, Number(row.number));
          return {
            id: String(row.id),
            receipt,
            body: String(row.body),
            attributes: JSON.parse(String(row.attributes)),
            system: JSON.parse(String(row.system)),
            sentAt: Number(row.sent_at),
            receiveCount: Number(row.receive_count) + 1,
            firstReceivedAt: Number(row.first_received_at ?? now),
          };
        });
        return { taken, moved };
      }),
    nextVisible: (queue) => {
      const next = sql.nextVisible.get(queue)?.next;
      return next === null || next === undefined ? undefined : Number(next);
    },
    delete: (queue, receipts) =>
      atomically(() => {
        for (const receipt of receipts) sql.delete.run(numberIn(receipt) ?? 0, queue, receipt);
      }),
    hide: (queue, receipt, visibleAt, now) =>
      sql.hide.run(visibleAt, numberIn(receipt) ?? 0, queue, receipt, now).changes > 0,
    depth: (queue, now) => sql.depth.get(now, queue) as Depth,
    purge: (queue) => {
      sql.purge.run(queue);
    },
    close: () => database.close(),
  };
};
