import { cutText } from '../../errors.ts';
import { MAX_ATTEMPTS } from '../../runs/due.ts';
import type { FileLine, Run } from '../../runs/run.ts';
import { countsOf } from '../counts.ts';
import { countedCode } from '../line-errors.ts';
import type { LineOutcome } from '../ports.ts';
import type { LineAnswer, PromptFile } from '../prompt-file.ts';
import { completeBlock, type SendBlocksDeps, sendNext } from './blocks.ts';

/** Characters of a line's error: those of its block's 250 lines stand in one item, which holds 400 KB. */
const MAX_ERROR = 400;

export const isSamePlace = (a: FileLine | null, b: FileLine): boolean =>
  a?.fileId === b.fileId && a.line === b.line;

/** The error of a line that could not be begun. */
export const EXHAUSTED = {
  code: 'attempts_exhausted',
  message: `${MAX_ATTEMPTS} attempts to begin this line failed; upload the file again to retry it`,
} as const;

/** Marks a line done that gets no run; the error is its result, in the words that are stored as its `answer` if any are. */
export const endLine = (
  place: FileLine,
  { code, message }: { code: string; message: string },
  deps: SendBlocksDeps,
  answer?: LineAnswer,
): Promise<void> =>
  markLineDone(
    place,
    {
      counts: { failed: 1 },
      failedAs: countedCode(code),
      error: { code, message: cutText(message, MAX_ERROR) },
      ...(answer && { answer }),
    },
    deps,
  );

/** Marks a line done that had not begun when its file was stopped. */
export const skipLine = (place: FileLine, deps: SendBlocksDeps): Promise<void> =>
  markLineDone(place, { counts: { skipped: 1 }, skipped: true }, deps);

/**
 * Marks the line of a run that has ended done. A run that no worker had begun when its file was stopped leaves its line
 * as one that had not begun.
 */
export const markRunDone = async (ended: Run, place: FileLine, deps: SendBlocksDeps): Promise<void> => {
  const isUnbegun = ended.status === 'cancelled' && ended.attempts === 0;
  if (isUnbegun && (await deps.files.get(place.fileId))?.stopped) await skipLine(place, deps);
  else {
    const counts = countsOf(ended, place.fileId);
    await markLineDone(place, { counts, ...(counts.failed && { failedAs: failureOf(ended) }) }, deps);
  }
};

/** The code of the error that a run which has no text leaves in its line's result. */
const failureOf = ({ status, error }: Run): string =>
  countedCode(status === 'deleted' ? 'gone' : (error?.code ?? status));

/** A line's file, read only if it is not `known`. A stale copy will do: mode and cost limit are fixed at intake. */
export const fileOf = async (
  { fileId }: FileLine,
  known: PromptFile | undefined,
  { files }: Pick<SendBlocksDeps, 'files'>,
): Promise<PromptFile | undefined> => (known?.id === fileId ? known : files.get(fileId));

/**
 * Marks a line done, and completes its block with the last one. Repeating it changes nothing but that lines which may
 * follow are sent.
 */
export const markLineDone = async (
  { fileId, block: number, line }: FileLine,
  outcome: LineOutcome,
  deps: SendBlocksDeps,
): Promise<void> => {
  const block = await deps.files.addDone(fileId, number, line, outcome);
  if (block.done.length < block.lines) await sendNext(block, () => deps.files.get(fileId), deps);
  // A block without a due time is complete already: this line's message was delivered twice.
  else if (block.dueAt !== null) await completeBlock(block, deps);
};
