import { inBatches } from '../async/in-batches.ts';
import { pagesOf } from '../async/pages.ts';
import { InvalidInputError } from '../errors.ts';
import { inputFolder, isInputId, timeOfInput } from '../files/batch-input.ts';
import type { FileStore } from '../files/ports.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import { dropAbsent } from '../json/value.ts';
import {
  type FindDeps,
  inputAt,
  type ResultKind,
  resultAt,
  resultIdOf,
  resultOf,
  type StoredFile,
} from './stored-files.ts';

export type FilesQuery = {
  limit: number;
  after?: string | undefined;
  order: 'asc' | 'desc';
  purpose?: StoredFile['purpose'] | undefined;
};

/** The place of a file in the list, newest first. `at` is in epoch ms; that of a batch's results is the batch's. */
type Place = { at: number; id: string };

/** A file of the list that is not looked up yet. */
type Listed = Place & { find: () => Promise<StoredFile | undefined> };

const isBefore = (a: Place, b: Place): boolean => a.at > b.at || (a.at === b.at && a.id > b.id);

/**
 * A page of a caller's files, by default newest first. Results have the place of their batch. Oldest first, all of the
 * caller's prompt files are read for it.
 * @throws {InvalidInputError} when `after` is not the id of a file.
 */
export const listStoredFiles = async (
  { limit, after, order, purpose }: FilesQuery,
  caller: string,
  deps: FindDeps,
): Promise<{ files: StoredFile[]; hasMore: boolean }> => {
  const start = after === undefined ? undefined : await placeOf(after, caller, deps);
  const isDescending = order === 'desc';
  const all = newestFirst(purpose, caller, deps, isDescending ? start : undefined);
  const ordered = isDescending ? all : await reversed(all);
  // Files are deleted without a trace in the list, so more of them may have to be looked up than a page has.
  const found: StoredFile[] = [];
  let waiting: Listed[] = [];
  const lookUp = async (): Promise<void> => {
    const files = await inBatches(waiting, AT_ONCE, ({ find }) => find());
    found.push(...files.filter((file) => file !== undefined));
    waiting = [];
  };
  for await (const file of ordered) {
    if (start && !(isDescending ? isBefore(start, file) : isBefore(file, start))) continue;
    waiting.push(file);
    if (waiting.length < Math.min(AT_ONCE, limit + 1 - found.length)) continue;
    await lookUp();
    if (found.length > limit) break;
  }
  await lookUp();
  return { files: found.slice(0, limit), hasMore: found.length > limit };
};

const reversed = async (all: AsyncIterable<Listed>): Promise<Listed[]> => {
  const list: Listed[] = [];
  for await (const file of all) list.unshift(file);
  return list;
};

const AT_ONCE = 16;

const placeOf = async (id: string, caller: string, { files }: Pick<FindDeps, 'files'>): Promise<Place> => {
  if (isInputId(id)) return { at: timeOfInput(id), id };
  const fileId = resultOf(id)?.fileId;
  const batch = fileId === undefined ? undefined : await files.get(fileId);
  if (batch?.caller === caller) return { at: Date.parse(batch.createdAt), id };
  throw new InvalidInputError([{ path: 'after', message: 'is not the id of a file of this list' }]);
};

/** The inputs and the results of a caller, merged; results from `start` on. */
async function* newestFirst(
  purpose: FilesQuery['purpose'],
  caller: string,
  deps: FindDeps,
  start: Place | undefined,
): AsyncGenerator<Listed> {
  const inputs = purpose === 'batch_output' ? [] : await listInputs(caller, deps);
  if (purpose !== 'batch') {
    for await (const result of resultsOf(caller, deps, start)) {
      while (inputs[0] && isBefore(inputs[0], result)) yield* inputs.splice(0, 1);
      yield result;
    }
  }
  yield* inputs;
}

const listInputs = async (
  caller: string,
  deps: Pick<FindDeps, 'content' | 'findSource'>,
): Promise<Listed[]> => {
  const keys = await deps.content.list(inputFolder(caller));
  const listed = keys.map((key) => {
    const id = key.slice(inputFolder(caller).length).split('/', 1)[0] ?? '';
    return { id, at: timeOfInput(id), find: () => inputAt(key, deps) };
  });
  return listed.sort((a, b) => (isBefore(a, b) ? -1 : 1));
};

async function* resultsOf(
  caller: string,
  deps: Pick<FindDeps, 'files' | 'findSource'>,
  start: Place | undefined,
): AsyncGenerator<Listed> {
  const until = start && new Date(start.at + 1).toISOString();
  for await (const batch of batchesOf(caller, deps, dropAbsent({ until }))) {
    for (const kind of ['output', 'errors'] as const)
      if (hasResult(batch, kind))
        yield {
          id: resultIdOf(batch, kind),
          at: Date.parse(batch.createdAt),
          find: () => resultAt(batch, kind, deps),
        };
  }
}

/** Whether a batch has a file of this kind: all its lines have ended, and some of them so. */
export const hasResult = ({ status, counts, lines }: PromptFile, kind: ResultKind): boolean => {
  if (status !== 'completed' && status !== 'completed_with_errors') return false;
  // Refused lines, and those of a cancelled batch that never began, are errors, too.
  return kind === 'output' ? counts.completed > 0 : counts.completed < lines;
};

const PAGE = 100;

/** A caller's batches, newest first. They stand among the caller's other prompt files, which are read, too. */
export async function* batchesOf(
  caller: string,
  { files }: { files: Pick<FileStore, 'list'> },
  from: { cursor?: string; until?: string } = {},
): AsyncGenerator<PromptFile> {
  const all = pagesOf((at) => files.list({ caller, limit: PAGE, ...from, ...at }), 'files');
  for await (const file of all) if (file.openaiBatch) yield file;
}
