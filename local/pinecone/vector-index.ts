import type { DatabaseSync } from 'node:sqlite';
import type { IndexDefinition } from './index-definition.ts';
import type { Metadata } from './metadata.ts';
import type { FilterableFields } from './metadata-schema.ts';
import { PineconeError } from './pinecone-error.ts';
import { measured } from './similarity.ts';
import { makeVectorBlocks, type VectorBlocks } from './vector-blocks.ts';
import { transact } from './vector-database.ts';
import type { VectorRecord } from './vector-input.ts';

/** `snapshot`: all records as a list, once it was asked for and until the next write. */
type Namespace = {
  id: number;
  filterable?: FilterableFields;
  records: Map<string, VectorRecord>;
  snapshot?: readonly VectorRecord[] | undefined;
};
/** `filterable` is what its creation declared; an index's own declaration is not repeated. */
export type DescribedNamespace = { name: string; count: number; filterable?: FilterableFields | undefined };

/** The records of one index by namespace, on disk and, from the first use on, in memory. */
export type VectorIndex = {
  definition: IndexDefinition;
  namespaces(): DescribedNamespace[];
  /** @throws {PineconeError} ALREADY_EXISTS. */
  createNamespace(namespace: string, filterable: FilterableFields | undefined): void;
  /**
   * Deletes a namespace with its records.
   *
   * @throws {PineconeError} NOT_FOUND.
   */
  dropNamespace(namespace: string): void;
  /** A snapshot of all records; later writes do not change it. An absent namespace has none. */
  records(namespace: string): readonly VectorRecord[];
  find(namespace: string, id: string): VectorRecord | undefined;
  /** Up to `limit` ids with a prefix, after `after`, in the order of their bytes. */
  listIds(namespace: string, options: { prefix: string; after: string; limit: number }): string[];
  /** Adds or replaces records in one transaction, and creates the namespace if it is absent. */
  upsert(namespace: string, records: readonly VectorRecord[]): void;
  /**
   * Deletes records; absent ids are ignored.
   *
   * @throws {PineconeError} NOT_FOUND when the namespace is absent.
   */
  delete(namespace: string, ids: readonly string[]): void;
};

/** Rows of memory that replaced and deleted records may leave, beside as many as there are records. */
const SPARE_ROWS = 1_024;

/** Sorts after every ASCII character, so `[prefix, prefix + END_OF_ASCII)` holds exactly the ids with that prefix. */
const END_OF_ASCII = '\u0080';

const statements = (database: DatabaseSync) => ({
  namespaces: database.prepare('SELECT id, name, filterable FROM namespaces WHERE index_id = ?'),
  records: database.prepare('SELECT id, vector, metadata FROM records WHERE namespace_id = ?'),
  addNamespace: database.prepare('INSERT INTO namespaces (index_id, name, filterable) VALUES (?, ?, ?)'),
  dropNamespace: database.prepare('DELETE FROM namespaces WHERE id = ?'),
  put: database.prepare(
    `INSERT INTO records (namespace_id, id, vector, metadata) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET vector = excluded.vector, metadata = excluded.metadata`,
  ),
  remove: database.prepare('DELETE FROM records WHERE namespace_id = ? AND id = ?'),
  list: database.prepare(
    'SELECT id FROM records WHERE namespace_id = ? AND id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?',
  ),
});

const readRecord = (row: Record<string, unknown>, blocks: VectorBlocks): VectorRecord => ({
  id: String(row.id),
  metadata: row.metadata === null ? undefined : (JSON.parse(String(row.metadata)) as Metadata),
  // Copied, because a blob of the database may not be aligned for 32-bit floats.
  ...measured(blocks.keep(new Float32Array(new Uint8Array(row.vector as Uint8Array).buffer))),
});

/** Opens an index. `nextPosition` advances the log position; it is called inside each write's transaction. */
export const openVectorIndex = (options: {
  database: DatabaseSync;
  indexId: number;
  definition: IndexDefinition;
  nextPosition: () => number;
}): VectorIndex => {
  const { database, indexId, nextPosition } = options;
  const sql = statements(database);
  const { dimension } = options.definition;
  let blocks = makeVectorBlocks(dimension);
  let loaded: Map<string, Namespace> | undefined;
  const all = (): Map<string, Namespace> => {
    loaded ??= new Map(
      sql.namespaces.all(indexId).map((row) => {
        const records = Array.from(sql.records.iterate(Number(row.id)), (each) => readRecord(each, blocks));
        return [
          String(row.name),
          {
            id: Number(row.id),
            ...(row.filterable !== null && { filterable: JSON.parse(String(row.filterable)) }),
            records: new Map(records.map((item) => [item.id, item])),
          },
        ];
      }),
    );
    return loaded;
  };
  const existing = (name: string): Namespace => {
    const namespace = all().get(name);
    if (namespace === undefined) throw new PineconeError('NOT_FOUND', 'Namespace not found');
    return namespace;
  };
  const newNamespace = (name: string, filterable?: FilterableFields): Namespace => {
    const declared = filterable ? JSON.stringify(filterable) : null;
    const id = Number(sql.addNamespace.run(indexId, name, declared).lastInsertRowid);
    return { id, ...(filterable && { filterable }), records: new Map() };
  };
  const existingOrNew = (name: string): Namespace => all().get(name) ?? newNamespace(name);
  /** Writes to disk in one transaction. The records in memory change only after it is committed. */
  const write = (
    name: string,
    find: (name: string) => Namespace,
    work: (namespaceId: number) => void,
  ): Namespace => {
    const namespace = transact(database, () => {
      const found = find(name);
      work(found.id);
      nextPosition();
      return found;
    });
    all().set(name, namespace);
    namespace.snapshot = undefined;
    return namespace;
  };
  /** Moves all vectors to new memory once most of it is of no record any more. */
  const compact = (): void => {
    const namespaces = [...all().values()];
    const live = namespaces.reduce((sum, { records }) => sum + records.size, 0);
    if (blocks.rows() <= 2 * live + SPARE_ROWS) return;
    blocks = makeVectorBlocks(dimension);
    for (const namespace of namespaces) {
      for (const [id, record] of namespace.records)
        namespace.records.set(id, { ...record, values: blocks.keep(Float32Array.from(record.values)) });
      namespace.snapshot = undefined;
    }
  };
  return {
    definition: options.definition,
    namespaces: () =>
      [...all()].map(([name, { records, filterable }]) => ({ name, count: records.size, filterable })),
    createNamespace: (name, filterable) => {
      if (all().has(name)) throw new PineconeError('ALREADY_EXISTS', `Namespace ${name} already exists`);
      write(
        name,
        () => newNamespace(name, filterable),
        () => {},
      );
    },
    dropNamespace: (name) => {
      write(name, existing, (id) => sql.dropNamespace.run(id));
      all().delete(name);
      compact();
    },
    records: (name) => {
      const namespace = all().get(name);
      if (namespace === undefined) return [];
      namespace.snapshot ??= [...namespace.records.values()];
      return namespace.snapshot;
    },
    find: (name, id) => all().get(name)?.records.get(id),
    listIds: (name, { prefix, after, limit }) => {
      const namespace = all().get(name);
      if (namespace === undefined) return [];
      const rows = sql.list.all(namespace.id, prefix, prefix + END_OF_ASCII, after, limit);
      return rows.map((row) => String(row.id));
    },
    upsert: (name, records) => {
      const { records: kept } = write(name, existingOrNew, (namespaceId) => {
        for (const { id, values, metadata } of records) {
          const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
          sql.put.run(namespaceId, id, bytes, metadata === undefined ? null : JSON.stringify(metadata));
        }
      });
      for (const record of records) kept.set(record.id, { ...record, values: blocks.keep(record.values) });
      compact();
    },
    delete: (name, ids) => {
      const { records: kept } = write(name, existing, (namespaceId) => {
        for (const id of ids) sql.remove.run(namespaceId, id);
      });
      for (const id of ids) kept.delete(id);
      compact();
    },
  };
};
