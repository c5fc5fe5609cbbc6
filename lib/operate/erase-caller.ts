import type { Clock } from '../async/clock.ts';
import { inBatches } from '../async/in-batches.ts';
import { pagesOf } from '../async/pages.ts';
import type { BudgetStore } from '../budget/ports.ts';
import { InvalidInputError } from '../errors.ts';
import { deleteExport, type ExportStore, exportFolder } from '../export/job.ts';
import { inputFolder } from '../files/batch-input.ts';
import { deleteFile } from '../files/delete-file.ts';
import type { FileStore } from '../files/ports.ts';
import { type CallerList, isCallerName, type KeyStore } from '../keys/api-key.ts';
import { type BuryDeps, buryRun, type PurgeDeps, purgeRun } from '../lifecycle/delete.ts';
import type { LimitStore } from '../limits/ports.ts';
import type { Log } from '../observe/log.ts';
import { DUE } from '../runs/due.ts';
import { runIdOfVector } from '../runs/keys.ts';
import { listRuns } from '../runs/list/read.ts';
import { type EraseNamesDeps, eraseNames } from '../usage/erase-names.ts';
import { plainId } from '../vectors/own-vectors.ts';
import type { VectorIndex, VectorList } from '../vectors/ports.ts';

export type EraseDeps = BuryDeps &
  PurgeDeps &
  EraseNamesDeps & {
    keys: Pick<KeyStore, 'list' | 'disable'>;
    callers: Pick<CallerList, 'noteKeys'>;
    budgets: Pick<BudgetStore, 'set'>;
    limitStore: Pick<LimitStore, 'set'>;
    files: FileStore;
    exports: ExportStore;
    /** This deployment's vectors, see `ownVectors`. */
    vectors: VectorIndex;
    vectorList: VectorList;
    /** The common beginning of this deployment's namespaces. */
    namespacePrefix: string;
    clock: Clock;
    log: Log;
  };

/** A step that is done, with the number of things that it has removed now. */
export type ErasedStep = {
  step: 'keys' | 'exports' | 'files' | 'runs' | 'objects' | 'vectors' | 'usage' | 'limits';
  removed: number;
  /** Files and comparisons that intake and the sweep still have to remove. */
  underWay?: number;
};

const AT_ONCE = 8;
const PAGE = 100;

/**
 * Erases all of a caller: disables its keys first, so that nothing new comes, then deletes its exports, files,
 * comparisons and runs as its own requests would, its remaining objects and vectors, those of earlier embedding models too, the labels
 * and metadata of its usage, and its budget and limits. Its usage by model and day stays. Yields each step when it is done. A repetition goes on where an interrupted one has stopped, and removes
 * nothing once all is gone.
 * @throws {InvalidInputError} when the caller's name is not valid.
 */
export async function* eraseCaller(caller: string, deps: EraseDeps): AsyncGenerator<ErasedStep> {
  if (!isCallerName(caller))
    throw new InvalidInputError([{ path: 'caller', message: 'is not the name of a caller, such as team-a' }]);
  yield { step: 'keys', removed: await disableKeys(caller, deps) };
  yield { step: 'exports', removed: await deleteExports(caller, deps) };
  yield { step: 'files', ...(await deleteFiles(caller, deps)) };
  yield { step: 'runs', removed: await deleteRuns(caller, deps) };
  yield { step: 'objects', removed: await deleteObjects(caller, deps) };
  yield { step: 'vectors', removed: await deleteVectors(caller, deps) };
  yield { step: 'usage', removed: await eraseNames(caller, deps) };
  await deps.budgets.set(caller, undefined);
  await deps.limitStore.set(caller, undefined);
  yield { step: 'limits', removed: 0 };
}

const disableKeys = async (caller: string, { keys, callers }: EraseDeps): Promise<number> => {
  const all = await keys.list(caller);
  const valid = all.filter(({ disabled }) => !disabled);
  for (const { sha256 } of valid) await keys.disable(sha256);
  await callers.noteKeys(caller, { valid: 0, disabled: all.length, operator: false });
  return valid.length;
};

const deleteExports = async (caller: string, deps: EraseDeps): Promise<number> => {
  let removed = 0;
  for await (const job of pagesOf((at) => deps.exports.list({ caller, limit: PAGE, ...at }), 'exports')) {
    await deleteExport(job, deps);
    removed += 1;
  }
  return removed;
};

const deleteFiles = async (
  caller: string,
  deps: EraseDeps,
): Promise<{ removed: number; underWay: number }> => {
  const sums = { removed: 0, underWay: 0 };
  // The sweep sends the message within a minute.
  const fileQueue = { send: async () => {} };
  for (const kind of ['file', 'comparison'] as const) {
    const all = pagesOf((at) => deps.files.list({ caller, kind, limit: PAGE, all: true, ...at }), 'files');
    for await (const file of all) {
      sums.underWay += 1;
      if (file.status === 'deleting') continue;
      await deleteFile(file.id, { ...deps, fileQueue });
      sums.removed += 1;
    }
  }
  return sums;
};

const deleteRuns = async (caller: string, deps: EraseDeps): Promise<number> => {
  let removed = 0;
  let some: string[] = [];
  const flush = async () => {
    const deleted = await inBatches(some, AT_ONCE, (id) => deleteRun(id, deps));
    removed += deleted.filter(Boolean).length;
    some = [];
  };
  for await (const { id } of pagesOf((at) => listRuns({ caller, limit: PAGE, ...at }, deps), 'runs')) {
    some.push(id);
    if (some.length === PAGE) await flush();
  }
  await flush();
  return removed;
};

/** The purge that fails here, like the last one, is the sweep's. */
const deleteRun = async (id: string, deps: EraseDeps): Promise<boolean> => {
  const run = await deps.runs.get(id);
  if (!run) return false;
  const buried = await buryRun(run, { dueAt: deps.clock.now() + DUE.purge, dueTries: 1 }, deps);
  if (buried) await purgeRun(buried.run, deps);
  return buried !== undefined;
};

/**
 * Deletes what no file claims: prompts that were never taken in, inputs of batches, results of files from before they could
 * be deleted, and what a worker wrote of an export that was deleted meanwhile.
 */
const deleteObjects = async (caller: string, { content }: EraseDeps): Promise<number> => {
  const isOthers = (key: string) => caller === 'files' && /^(results\/)?prompts\/@/.test(key);
  const folder = caller === 'files' ? 'prompts/' : `prompts/@${caller}/`;
  const folders = [folder, `results/${folder}`, inputFolder(caller), exportFolder(caller)];
  const keys = (await Promise.all(folders.map((each) => content.list(each)))).flat();
  const own = keys.filter((key) => !isOthers(key));
  await inBatches(own, AT_ONCE, (key) => content.delete([key]));
  return own.length;
};

const deleteVectors = async (
  caller: string,
  { vectors, vectorList, namespacePrefix }: EraseDeps,
): Promise<number> => {
  let removed = 0;
  for (const { name } of await vectorList.namespaces()) {
    if (!name.startsWith(namespacePrefix) || !name.endsWith(`:${caller}`)) continue;
    for await (const ids of vectorList.ids(name)) {
      const own = ids.filter((id) => runIdOfVector(id) !== undefined);
      const found = await vectors.fetch(name, own.map(plainId));
      await vectors.delete(
        name,
        found.map(({ id }) => id),
      );
      removed += found.length;
    }
  }
  return removed;
};
