import { DatabaseSync } from 'node:sqlite';

/** The version of the file's schema. A file of a later version is refused. */
const SCHEMA_VERSION = 2;

const SCHEMA = `
CREATE TABLE indexes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL
) STRICT;
CREATE TABLE namespaces (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  index_id INTEGER NOT NULL REFERENCES indexes(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  filterable TEXT,
  UNIQUE (index_id, name)
) STRICT;
CREATE TABLE records (
  namespace_id INTEGER NOT NULL REFERENCES namespaces(id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  vector BLOB NOT NULL,
  metadata TEXT,
  UNIQUE (namespace_id, id)
) STRICT;
CREATE TABLE log (position INTEGER NOT NULL) STRICT;
INSERT INTO log VALUES (0);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

const FROM_VERSION_1 = `
ALTER TABLE namespaces ADD COLUMN filterable TEXT;
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Runs `work` in one transaction: when this returns, all of it is committed; when it throws, none of it is. */
export const transact = <T>(database: DatabaseSync, work: () => T): T => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

/** Locks the file until it is closed, since another writer would make the records in memory stale. */
const lock = (database: DatabaseSync, file: string): void => {
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT;');
  } catch (cause) {
    if (!String(cause).includes('database is locked')) throw cause;
    throw new Error(`${file} is in use by another stack: stop that one, or choose another data folder`, {
      cause,
    });
  }
};

/**
 * Opens or creates the file of the local Pinecone server; `:memory:` keeps nothing.
 * In WAL mode a commit is with the operating system before it returns, so it survives kill -9 of this process. Only a
 * power cut may lose the last ones: https://www.sqlite.org/wal.html
 *
 * @throws {Error} when the file is in use or of a later version.
 */
export const openVectorDatabase = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  try {
    lock(database, file);
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) transact(database, () => database.exec(SCHEMA));
    else if (version === 1) transact(database, () => database.exec(FROM_VERSION_1));
    else if (version !== SCHEMA_VERSION) {
      throw new Error(
        `${file} is a Pinecone store of version ${version}, this server reads version ${SCHEMA_VERSION}: ` +
          'choose another data folder, or move the file away',
      );
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};
