import { inBatches } from '../async/in-batches.ts';
import { codeOf, NotFoundError } from '../errors.ts';
import { reportedRequest } from '../sampling/setting.ts';
import type { Generation, Trace, TraceChunk } from './generation.ts';
import { isRunId, outputKey, requestKey } from './keys.ts';
import { isTextless, textlessRequest } from './not-stored.ts';
import { decodeGeneration, decodeTrace } from './output-object.ts';
import type { ContentStore, RunStore } from './ports.ts';
import { acceptedRunRequest, type RunRequest, settingAt } from './request.ts';
import { type StoredRequestBody, storedRequestSchema } from './request-schema.ts';
import type { Run } from './run.ts';
import { bodyOf, loadTemplate } from './template.ts';
import { type RunView, viewGeneration, viewRun } from './view.ts';

export type ReadDeps = { runs: RunStore; content: Pick<ContentStore, 'get'> };

/**
 * The request as it was accepted, resolved with the default model of that time. Without prompt, settings and checks for a
 * run that no longer has its texts.
 */
export const requestOf = async (run: Run, { content }: Pick<ReadDeps, 'content'>): Promise<RunRequest> => {
  if (isTextless(run)) return textlessRequest(run);
  return acceptedRunRequest(await storedBodyOf(run, content), { model: run.model });
};

const storedBodyOf = async (run: Run, content: ReadDeps['content']): Promise<unknown> => {
  const stored = JSON.parse(run.request ?? (await content.get(requestKey(run.id))));
  return run.template === null ? stored : bodyOf(await loadTemplate(run.template, content), stored);
};

const OUTPUTS_AT_ONCE = 8;

/** The outputs that the run item points at, in index order. */
export const outputsOf = (
  run: Run,
  request: RunRequest,
  deps: Pick<ReadDeps, 'content'>,
): Promise<Generation[]> => eachOutput(run, deps, (json) => decodeGeneration(json, requestedBy(request)));

/** An object holds a whole timeline, of which `decode` may keep nothing: only a few are held at once. */
const eachOutput = <T>(
  run: Run,
  { content }: Pick<ReadDeps, 'content'>,
  decode: (json: string) => T,
): Promise<T[]> =>
  inBatches([...run.generations.entries()], OUTPUTS_AT_ONCE, async ([index, { lease }]) =>
    decode(await content.get(outputKey(run.id, index, lease))),
  );

/** The fields that a generation of the request asks for, by its index. */
export const requestedBy =
  (request: RunRequest) =>
  (index: number): Record<string, unknown> => {
    const setting = settingAt(request, index);
    return setting ? reportedRequest(setting) : {};
  };

/** The result of a read; undefined when its object is gone, by retention or by a deletion under way. */
export const unlessGone = async <T>(read: Promise<T>): Promise<T | undefined> => {
  try {
    return await read;
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};

export const loadRunView = async (run: Run, deps: Pick<ReadDeps, 'content'>): Promise<RunView> => {
  const request = run.store
    ? await requestOf(run, deps)
    : // It is not there yet, or the run has ended meanwhile.
      ((await unlessGone(requestOf(run, deps))) ?? textlessRequest(run));
  return viewRun(run, request, await outputsOf(run, request, deps));
};

/**
 * A caller's own run.
 *
 * @throws {NotFoundError} `not_found` when there is no such run or another caller owns it; `gone` when it was deleted.
 */
export const findRun = async (id: string, caller: string, { runs }: Pick<ReadDeps, 'runs'>): Promise<Run> => {
  const run = isRunId(id) ? await runs.get(id) : undefined;
  if (run?.caller !== caller) throw new NotFoundError(`there is no run ${id.slice(0, 60)}`);
  if (run.status === 'deleted') throw new NotFoundError(`run ${id} was deleted`, { code: 'gone' });
  return run;
};

/**
 * One generation, whole.
 *
 * @throws {NotFoundError} as `readTrace` does.
 */
export const readGeneration = async (
  id: string,
  index: number,
  caller: string,
  deps: ReadDeps,
): Promise<Generation> => {
  const { run, json } = await findOutput(id, index, caller, deps);
  const request = await requestOf(run, deps);
  return viewGeneration(run, decodeGeneration(json, requestedBy(request)));
};

/**
 * The token timeline of one generation.
 *
 * @throws {NotFoundError} when the run has no such generation or is not generated yet; else as `findRun` does.
 */
export const readTrace = async (id: string, index: number, caller: string, deps: ReadDeps): Promise<Trace> =>
  decodeTrace((await findOutput(id, index, caller, deps)).json);

const findOutput = async (
  id: string,
  index: number,
  caller: string,
  deps: ReadDeps,
): Promise<{ run: Run; json: string }> => {
  const run = await findRun(id, caller, deps);
  const figures = run.generations[index];
  if (!figures) throw new NotFoundError(`run ${id} has no generation ${index} (the run is ${run.status})`);
  return { run, json: await deps.content.get(outputKey(id, index, figures.lease)) };
};

/**
 * A run as its readers see it, its request as it is stored, and the chunks of each output. A run that no longer has its
 * texts has no request.
 */
export type WholeRun = { run: RunView; request: StoredRequestBody | undefined; traces: TraceChunk[][] };

/**
 * A caller's run with everything that is stored of it.
 *
 * @throws {NotFoundError} as `findRun` does.
 */
export const readWhole = async (id: string, caller: string, deps: ReadDeps): Promise<WholeRun> => {
  const run = await findRun(id, caller, deps);
  const stored = isTextless(run) ? undefined : await unlessGone(storedBodyOf(run, deps.content));
  const request =
    stored === undefined ? textlessRequest(run) : acceptedRunRequest(stored, { model: run.model });
  const outputs = await eachOutput(run, deps, (json) => ({
    generation: decodeGeneration(json, requestedBy(request)),
    chunks: decodeTrace(json).chunks,
  }));
  const generations = outputs.map(({ generation }) => generation);
  return {
    run: viewRun(run, request, generations),
    request: stored === undefined ? undefined : storedRequestSchema.parse(stored),
    traces: outputs.map(({ chunks }) => chunks),
  };
};
