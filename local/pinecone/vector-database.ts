import { DatabaseSync } from 'node:sqlite';

/** The file's shape; another one is refused rather than guessed at. */
const SCHEMA_VERSION = 1;

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

/** Runs `work` in one transaction: all of it is on disk when this returns, or none of it ever. */
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

/** What is in memory is true only as long as nobody else writes, so the file is locked until it is closed. */
const lock = (database: DatabaseSync, file: string): void => {
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT;');
  } catch (cause) {
    if (!String(cause).includes('database is locked')) throw cause;
    throw new Error(`${file} is in use: is another stack running on this data folder?`, { cause });
  }
};

/**
 * Opens (or makes) the file of the local Pinecone server; `:memory:` keeps nothing.
 * In WAL mode a commit has been handed to the operating system before it returns, so it outlives kill -9
 * of this process; only a power cut may take the last ones.
 * Throws when the file is in use or of another version.
 */
export const openVectorDatabase = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  try {
    lock(database, file);
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) transact(database, () => database.exec(SCHEMA));
    else if (version !== SCHEMA_VERSION) {
      throw new Error(
        `${file} is a Pinecone store of version ${version}; this server reads version ${SCHEMA_VERSION}`,
      );
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};
