import { own } from '../../json/value.ts';
import { errorFields, type Log } from '../../observe/log.ts';
import { aboutRun } from '../about-run.ts';
import type { Generation } from '../generation.ts';
import type { ListedChange, MarkUsage, Previews, RunList } from '../ports.ts';
import type { RunRequest } from '../request.ts';
import { hasEnded, type Run } from '../run.ts';
import { calledWith } from '../tool-call.ts';
import { buriedParts, makePart, partsOf } from './parts.ts';

/** How far a run has come for its list. A write never replaces a later stage. */
export const STAGES = { open: 0, ended: 1, deleted: 2 } as const;

export const stageOf = ({ status }: Pick<Run, 'status'>): number =>
  status === 'deleted' ? STAGES.deleted : hasEnded({ status }) ? STAGES.ended : STAGES.open;

/** Characters of a preview. */
const PREVIEW = 120;

/** The beginning of a text in one line. */
export const previewOf = (text: string): string => {
  // Cut first: a text may have megabytes, most of which a preview does not show.
  const line = text
    .slice(0, 8 * PREVIEW)
    .toWellFormed()
    .trim()
    .replaceAll(/\s+/g, ' ');
  const characters = [...line];
  return characters.length > PREVIEW || text.length > 8 * PREVIEW
    ? `${characters
        .slice(0, PREVIEW - 1)
        .join('')
        .replace(/\u200d+$/u, '')}…`
    : line;
};

/** The beginning of a request's prompt: of its last message, when it has messages. */
export const promptPreviewOf = ({ prompt, messages }: Pick<RunRequest, 'prompt' | 'messages'>): string =>
  previewOf(prompt ?? messages.at(-1)?.content ?? '');

/** The previews of a run with these outputs, in index order; none of a run whose texts are not kept. */
export const previewsOf = (
  request: Pick<RunRequest, 'prompt' | 'messages' | 'store'>,
  generations: readonly Pick<Generation, 'text' | 'tool_calls'>[],
): Previews => {
  if (!request.store) return {};
  const answered = generations.find(({ text }) => text !== null);
  return {
    promptPreview: promptPreviewOf(request),
    textPreview: answered ? previewOf(answered.text || shownCalls(answered)) : null,
  };
};

/** The calls of tools of an output as a program would write them. */
const shownCalls = ({ tool_calls = [] }: Pick<Generation, 'tool_calls'>): string =>
  tool_calls
    .map(calledWith)
    .map(({ name, text }) => `${name}(${text})`)
    .join(' ');

/** A run as its list is to hold it from now on. */
export const listedOf = (run: Run, previews: Previews = {}): ListedChange => ({
  id: run.id,
  caller: run.caller,
  status: run.status,
  createdAt: run.createdAt,
  model: run.model,
  store: run.store,
  metadata: run.metadata,
  conversation: run.conversation,
  previousRun: run.previousRun,
  file: run.file,
  error: run.error && { code: run.error.code, message: run.error.message },
  parts: partsOf(run),
  ...previews,
});

/** The metadata of these keys, in their order. */
export const chosenMetadata = (
  metadata: Record<string, string>,
  keys: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = own(metadata, key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );

/** An entry without anything that a caller wrote. */
export const emptied = (entry: ListedChange): ListedChange => ({
  ...entry,
  model: '',
  metadata: {},
  conversation: null,
  previousRun: null,
  parts: entry.parts.map(() => makePart({ model: null, label: null })),
  promptPreview: null,
});

/**
 * Writes to the list of a run's caller. Never throws: a write that fails here is repeated at the run's end, or by the
 * sweep with its purge.
 */
export const writeQuietly = async (run: Run, log: Log, write: () => Promise<unknown>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    log.warn('list.delayed', { ...aboutRun(run), ...errorFields(error) });
  }
};

/** Enters the end of a run in its caller's list, and has its usage counted. Repeating it changes nothing. */
export const enterEnd = async (
  run: Run,
  previews: Previews,
  { list, markUsage }: { list: Pick<RunList, 'put'>; markUsage: MarkUsage },
): Promise<void> => {
  await list.put(listedOf(run, previews));
  await markUsage(run);
};

export type BuryListedDeps = { list: RunList; usageKeys: readonly string[]; markUsage: MarkUsage };

/**
 * Takes out of its caller's list what a deleted run's caller and model wrote. Its usage stays under its models, labels
 * and those metadata keys by which the operator has usage summed.
 *
 * `wasAtRest` says that the run had ended and nothing of its end was left to do. The usage of any other run may differ
 * from what was summed, so its hour is marked; the entry says so until that is done, for a repetition after a crash.
 */
export const buryListed = async (
  tombstone: Run,
  { list, usageKeys, markUsage }: BuryListedDeps,
  { wasAtRest = false } = {},
): Promise<void> => {
  const { id, caller, createdAt, status, store } = tombstone;
  const earlier = await list.get({ id, caller, createdAt });
  if (earlier?.status === 'deleted' && !earlier.recount) return;
  const hadEnded = earlier !== undefined && stageOf(earlier) === STAGES.ended;
  const buried: ListedChange = {
    ...{ id, caller, createdAt, status, store },
    model: '',
    metadata: earlier ? chosenMetadata(earlier.metadata, usageKeys) : {},
    conversation: null,
    previousRun: null,
    file: null,
    error: null,
    parts: hadEnded ? earlier.parts : buriedParts(earlier?.parts ?? [], tombstone.generations),
    ...((earlier?.status === 'failed' || earlier?.hasFailed) && { hasFailed: true }),
    promptPreview: null,
    textPreview: null,
  };
  if (hadEnded && wasAtRest) {
    await list.put(buried);
    return;
  }
  await list.put({ ...buried, recount: true });
  await markUsage(tombstone);
  await list.put(buried);
};
