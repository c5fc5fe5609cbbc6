import type { PatternBudget } from '../../checks/linear-pattern.ts';
import { needValidation, validateChecks } from '../../checks/run-checks.ts';
import { InvalidInputError } from '../../errors.ts';
import { canonicalJson, sha256Hex } from '../../json/canonical-json.ts';
import { derivedRunId } from '../../runs/keys.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import { parseRunRequest, type RequestDefaults, type RunRequest } from '../../runs/request.ts';
import { endedWithoutText, type Run } from '../../runs/run.ts';
import { bodyOf, loadTemplate, type Shared } from '../../runs/template.ts';
import { type FileLineEntry, type PromptFile, templateKey } from '../prompt-file.ts';

/** A line with its request, as it is worked on. `shared` says where its template is, if it has one. */
export type Line = Pick<FileLineEntry, 'line' | 'occurrence' | 'body'> & { shared?: Shared };

/** Makes a line's request, of its file's template if it has one. Not for all lines of a block at once: they can be large. */
export const lineOf = async (
  fileId: string,
  { line, occurrence, body, addition }: FileLineEntry,
  { content }: { content: Pick<ContentStore, 'get'> },
): Promise<Line> => {
  if (!addition) return { line, occurrence, body };
  const key = templateKey(fileId);
  const made = bodyOf(await loadTemplate(key, content), addition);
  return { line, occurrence, body: made, shared: { key, addition } };
};

/** The parts of a file that the runs of its lines are found by. */
type LineIdentity = Pick<PromptFile, 'key'> &
  Partial<Pick<PromptFile, 'id' | 'lineKey' | 'rerun' | 'rerunAs'>>;

/**
 * Derives the run id of a line. An equal line of the same key has the same id in every version of the file, so its run
 * is reused; uploads of one name have one `lineKey` for this. A file with `rerun` has ids of its own, which it shares with its retries. `retry` is the number of runs of this line that failed for other
 * files and are passed over.
 */
export const lineRunId = (
  bucket: string,
  { id, key, lineKey, rerun, rerunAs }: LineIdentity,
  { body, occurrence }: Pick<Line, 'body' | 'occurrence'>,
  retry = 0,
): string =>
  derivedRunId(
    'file',
    bucket,
    lineKey ?? key,
    canonicalJson(body),
    String(occurrence),
    ...(rerun && id !== undefined ? [rerunAs ?? id] : []),
    ...(retry > 0 ? ['again', String(retry)] : []),
  );

/**
 * Finds the run of a line, or the id that its run will have. Runs that failed for another file or were deleted with it
 * are passed over, since uploading a line again asks for another; `failed` is the last of those, if any.
 */
export const findLineRun = async (
  file: PromptFile,
  line: Line,
  { runs, bucket }: { runs: Pick<RunStore, 'get'>; bucket: string },
): Promise<{ id: string; run: Run | undefined; failed: Run | undefined }> => {
  let failed: Run | undefined;
  for (let retry = 0; ; retry += 1) {
    const id = lineRunId(bucket, file, line, retry);
    const run = await runs.get(id);
    if (!run || !failedForAnotherFile(run, file)) return { id, run, failed };
    failed = run;
  }
};

/**
 * Whether a run of a file other than this one failed or was deleted. Such a line is retried; a failure for this file is
 * final.
 */
export const failedForAnotherFile = (run: Run, { id }: Pick<PromptFile, 'id'>): boolean =>
  endedWithoutText(run) && run.file?.fileId !== id;

/**
 * Reads a line as a run request. Its checks are not validated: `makeLineParser` did that when the file was read.
 * @throws {InvalidInputError} when the request is invalid. Only that line fails.
 */
export const requestOfLine = ({ body }: Pick<Line, 'body'>, defaults: RequestDefaults): RunRequest => {
  const request = parseRunRequest(body, defaults);
  if (request.stream)
    throw new InvalidInputError([
      { path: 'stream', message: 'must be false: a line of a file cannot be streamed' },
    ]);
  if (!request.store)
    throw new InvalidInputError([
      { path: 'store', message: 'must not be false: the results of a file are made of its stored outputs' },
    ]);
  if (request.conversation !== null)
    throw new InvalidInputError([
      {
        path: 'conversation',
        message: 'is a field of POST /runs; lines of a file are no turns of a conversation',
      },
    ]);
  return request;
};

/** For all different checks of a file together: a few seconds of processor time. */
const MAX_FILE_STEPS = 1_000_000;

/** A parser's memory of its file's checks, as plain JSON: hashes of those that are valid, and the steps left. */
export type SeenChecks = { hashes: string[]; stepsLeft: number };

/**
 * Makes a parser for the lines of one file. Equal checks are validated once, and all different ones share a budget, in
 * the order of the lines. From the same `seen`, the same lines get the same answers.
 *
 * @example
 * const lines = makeLineParser(defaults);
 * const request = await lines.parse({ body: { prompt: 'Hello' } });
 */
export const makeLineParser = (defaults: RequestDefaults, seen?: SeenChecks) => {
  const valid = new Set(seen?.hashes);
  let refused: { hash: string; error: unknown } | undefined;
  const budget: PatternBudget = {
    left: seen?.stepsLeft ?? MAX_FILE_STEPS,
    refusal: `takes the patterns of all different checks in this file over ${MAX_FILE_STEPS} steps; give its lines the same checks, or split the file`,
  };
  return {
    /** @throws {InvalidInputError} when the request or one of its checks is invalid. Only that line fails. */
    parse: async (entry: Pick<FileLineEntry, 'body'>): Promise<RunRequest> => {
      const request = requestOfLine(entry, defaults);
      if (!needValidation(request.checks)) return request;
      const hash = sha256Hex(canonicalJson(request.checks)).slice(0, 16);
      if (valid.has(hash)) return request;
      // Checks that come from the file's defaults are refused for line after line.
      if (refused?.hash === hash) throw refused.error;
      try {
        await validateChecks(request.checks, budget);
      } catch (error) {
        refused = { hash, error };
        throw error;
      }
      valid.add(hash);
      return request;
    },
    seen: (): SeenChecks => ({ hashes: [...valid], stepsLeft: budget.left }),
  };
};

export type LineParser = ReturnType<typeof makeLineParser>;
