import type { DatabaseSync } from 'node:sqlite';
import type { IndexDefinition } from './index-definition.ts';
import { PineconeError } from './pinecone-error.ts';
import { openVectorDatabase, transact } from './vector-database.ts';
import { openVectorIndex, type VectorIndex } from './vector-index.ts';

/** All indexes of one file, and the log position that orders all their writes. */
export type VectorStore = {
  list(): IndexDefinition[];
  /** @throws {PineconeError} NOT_FOUND. */
  get(name: string): VectorIndex;
  /** @throws {PineconeError} ALREADY_EXISTS. */
  create(definition: IndexDefinition): IndexDefinition;
  /** @throws {PineconeError} NOT_FOUND. */
  configure(name: string, change: (index: IndexDefinition) => IndexDefinition): IndexDefinition;
  /** @throws {PineconeError} NOT_FOUND, or `FORBIDDEN` while deletion protection is on. */
  delete(name: string): void;
  /** The log sequence number (LSN) of the last write, which reads already see. It grows across restarts, too. */
  position(): number;
  close(): void;
};

const notFound = (name: string): PineconeError =>
  new PineconeError('NOT_FOUND', `Resource ${name} not found`);

const readIndexes = (database: DatabaseSync, nextPosition: () => number): Map<string, VectorIndex> =>
  new Map(
    database
      .prepare('SELECT id, definition FROM indexes ORDER BY name')
      .all()
      .map((row) => {
        const definition = JSON.parse(String(row.definition)) as IndexDefinition;
        return [
          definition.name,
          openVectorIndex({ database, indexId: Number(row.id), definition, nextPosition }),
        ];
      }),
  );

/** Opens the store in `file`; `:memory:` keeps nothing. The records of an index are loaded at its first use. */
export const openVectorStore = (file: string): VectorStore => {
  const database = openVectorDatabase(file);
  const readPosition = database.prepare('SELECT position FROM log');
  const advance = database.prepare('UPDATE log SET position = position + 1 RETURNING position');
  const position = (): number => Number(readPosition.get()?.position);
  const nextPosition = (): number => Number(advance.get()?.position);
  const indexes = readIndexes(database, nextPosition);
  const get = (name: string): VectorIndex => {
    const index = indexes.get(name);
    if (index === undefined) throw notFound(name);
    return index;
  };
  return {
    list: () => [...indexes.values()].map((index) => index.definition),
    get,
    create: (definition) => {
      if (indexes.has(definition.name)) throw new PineconeError('ALREADY_EXISTS', 'Resource already exists');
      const insert = database.prepare('INSERT INTO indexes (name, definition) VALUES (?, ?)');
      const indexId = Number(insert.run(definition.name, JSON.stringify(definition)).lastInsertRowid);
      indexes.set(definition.name, openVectorIndex({ database, indexId, definition, nextPosition }));
      return definition;
    },
    configure: (name, change) => {
      const index = get(name);
      const definition = change(index.definition);
      database
        .prepare('UPDATE indexes SET definition = ? WHERE name = ?')
        .run(JSON.stringify(definition), name);
      index.definition = definition;
      return definition;
    },
    delete: (name) => {
      if (get(name).definition.deletionProtection) {
        throw new PineconeError(
          'FORBIDDEN',
          'Deletion protection is enabled for this index. Disable deletion protection before retrying.',
        );
      }
      transact(database, () => database.prepare('DELETE FROM indexes WHERE name = ?').run(name));
      indexes.delete(name);
    },
    position,
    close: () => database.close(),
  };
};
