import type { Random } from '../../async/clock.ts';
import type { CreateEmbeddings } from '../../embed/create-embeddings.ts';
import {
  codeOf,
  EverytokenError,
  InvalidInputError,
  isRetryable,
  OverBudgetError,
  UpstreamError,
} from '../../errors.ts';
import { PATIENCE_MS, putBackMs } from '../../generate/retry-policy.ts';
import type { InFlight } from '../../limits/in-flight.ts';
import type { ParsedEmbeddingsRequest } from '../../openai/embeddings-request.ts';
import { MAX_ATTEMPTS } from '../../runs/due.ts';
import type { Ids } from '../../runs/ports.ts';
import type { FileLine } from '../../runs/run.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';
import type { LineJob, SendBlocksDeps } from '../work/blocks.ts';
import { EXHAUSTED, endLine, markLineDone, skipLine } from '../work/mark-line.ts';
import { sendLater, takeTryBack, waitForBudget, waitForTurnOfLine } from '../work/waiting-lines.ts';
import { copyAnswer, findAnswer, outcomeOf, type Saved, saveAnswer, saveError } from './answers.ts';
import { type EmbeddingModel, embeddingsOfLine, inLine } from './lines.ts';

export type EmbedLineDeps = SendBlocksDeps & {
  createEmbeddings: CreateEmbeddings;
  embeddingModel: EmbeddingModel;
  inFlight: Pick<InFlight, 'enterJob'>;
  ids: Pick<Ids, 'leaseToken'>;
  random: Random;
};

export type LineOfEmbeddings = {
  job: LineJob;
  place: FileLine;
  file: PromptFile;
  body: FileLineEntry['body'];
  /** How often the line was tried again before. */
  retries: number;
  /** Whether the job may have been worked on before. */
  isRepeated: boolean;
  /** The dependencies with a window of as many jobs as the caller may have. */
  within: (most: number | null) => EmbedLineDeps;
};

type Asked = ParsedEmbeddingsRequest & EmbeddingModel;

/**
 * Embeds a line, which has no run. Its answer is saved first, as an object of this attempt's own; one conditional write
 * then marks the line done and points at that object. The first such write wins and results are made of the object that
 * it points at, so a line has one result, whatever is delivered twice or crashes. A repeated job takes the answer that an
 * earlier attempt has saved, and the line of a retried file the answer of that file's line, so that none is paid again.
 */
export const embedLine = async (
  line: LineOfEmbeddings,
  deps: EmbedLineDeps,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { job, place, file, retries, within } = line;
  const isDone = line.isRepeated && (await isLineDone(place, deps));
  // Lines that follow may not have been sent yet.
  if (isDone) return markLineDone(place, {}, deps);
  let asked: Asked;
  try {
    const { dimensions = deps.embeddingModel.dimensions, ...request } = embeddingsOfLine(
      line.body,
      deps.embeddingModel,
    );
    asked = { ...request, dimensions };
  } catch (error) {
    // The deployment's model was changed since the file was read.
    return endLine(place, ownError(error), deps);
  }
  const saved = line.isRepeated ? await findAnswer(place, asked, deps) : undefined;
  if (saved) return markLineDone(place, outcomeOf(saved), deps);
  if (file.stopped) return skipLine(place, deps);
  const earlier = await earlierAnswer(file, place, asked, deps);
  if (earlier) return markLineDone(place, outcomeOf(earlier), deps);
  if (retries >= MAX_ATTEMPTS) return endLine(place, EXHAUSTED, deps);
  const entered = await deps.inFlight.enterJob(file.caller, job.turns ?? 0);
  if ('turnAt' in entered) return waitForTurnOfLine(job, entered.turnAt, deps);
  const { leave, most } = entered;
  const own = within(most);
  let end: () => Promise<void>;
  try {
    end = await attempt(line, asked, own, signal);
  } finally {
    // Lines that are sent next find its place free.
    await leave();
  }
  await end();
};

const isLineDone = async ({ fileId, block, line }: FileLine, { files }: EmbedLineDeps): Promise<boolean> =>
  (await files.getBlock(fileId, block))?.done.includes(line) ?? false;

/** Asks the embeddings server, and saves what it answers. Returns how the job ends. */
const attempt = async (
  line: LineOfEmbeddings,
  asked: Asked,
  deps: EmbedLineDeps,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> => {
  const { job, place, file } = line;
  const token = deps.ids.leaseToken();
  let created: Awaited<ReturnType<CreateEmbeddings>>;
  try {
    created = await deps.createEmbeddings(asked, file.caller, signal);
  } catch (error) {
    if (!(error instanceof EverytokenError)) throw error;
    if (error instanceof OverBudgetError && error.retryable) return () => waitForBudget(job, error, deps);
    if (isRetryable(error) && mayTryAgain(line, error, deps)) return () => tryLater(line, error, deps);
    const { code, message } = error instanceof InvalidInputError ? inLine(error) : error;
    if (error.message === error.ownWords) return () => endLine(place, { code, message }, deps);
    // The words of a server stand in the object alone, which is deleted with the file.
    const answer = await saveError(place, token, { code, message }, deps);
    return () => endLine(place, { code, message: error.ownWords }, deps, answer);
  }
  const saved = await saveAnswer(place, token, created, asked, deps);
  return () => markLineDone(place, outcomeOf(saved), deps);
};

/** A line waits for a day while the server limits the rate, as runs do; any other error is tried five times. */
const mayTryAgain = (
  { file, retries }: LineOfEmbeddings,
  error: EverytokenError,
  { clock }: EmbedLineDeps,
): boolean =>
  isThrottled(error)
    ? clock.now() < Date.parse(file.generatingAt ?? '') + PATIENCE_MS
    : retries + 1 < MAX_ATTEMPTS;

const isThrottled = (error: EverytokenError): boolean => codeOf(error) === 'rate_limited';

const tryLater = async (
  { job, retries }: LineOfEmbeddings,
  error: EverytokenError,
  deps: EmbedLineDeps,
): Promise<void> => {
  const { in_flight: _, ...again } = job;
  const retryAfterMs = error instanceof UpstreamError ? error.retryAfterMs : undefined;
  const delayMs = putBackMs(retries, retryAfterMs, deps.random);
  if (!isThrottled(error)) return sendLater({ ...again, again: true }, delayMs, deps);
  await takeTryBack(job, deps);
  await sendLater(again, delayMs, deps);
};

const ownError = (error: unknown): { code: string; message: string } => {
  if (!(error instanceof EverytokenError)) throw error;
  return { code: error.code, message: error.ownWords };
};

/** Files before this one, of which each retried the one before it. */
const MAX_EARLIER = 10;

/** Copies the answer of the same line of the file that this one retries, or of those before that. */
const earlierAnswer = async (
  file: PromptFile,
  place: FileLine,
  asked: Asked,
  deps: EmbedLineDeps,
): Promise<Saved | undefined> => {
  let id = file.retryOf;
  for (let turn = 0; id !== null && turn < MAX_EARLIER; turn += 1) {
    const earlier = await deps.files.get(id);
    // Equal bytes have equal lines.
    if (earlier?.etag !== file.etag) return undefined;
    const block = await deps.files.getBlock(id, place.block);
    const answer = block?.errors[place.line] ? undefined : block?.answers[place.line];
    const from = { ...place, fileId: id };
    const copied = answer && (await copyAnswer(from, answer, place, asked, deps));
    if (copied) return copied;
    id = earlier.retryOf;
  }
  return undefined;
};
