import type { RunMeter } from '../budget/meter.ts';
import type { Checker } from '../checks/run-checks.ts';
import type { CountTokens } from '../generate/count-tokens.ts';
import type { GenerateOne } from '../generate/generate-one.ts';
import type { Finish } from '../generate/model.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import type { Generation, Trace, TraceChunk } from '../runs/generation.ts';
import { outputKey } from '../runs/keys.ts';
import { storedOutput } from '../runs/not-stored.ts';
import { decodeGeneration, encodeOutput } from '../runs/output-object.ts';
import type { ContentStore } from '../runs/ports.ts';
import { requestedBy } from '../runs/read-run.ts';
import type { ReasoningProgress } from '../runs/reasoning.ts';
import { type RunRequest, settingAt } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import type { BegunCall } from '../runs/tool-call.ts';
import type { Setting } from '../sampling/setting.ts';
import { ThrottledError } from './put-back.ts';

const MAX_IN_FLIGHT = 8;

/** Receives a run's progress for a streamed answer. Callbacks must not throw or block. */
export type RunListener = {
  /** `t0`: the instant from which `t_ms` counts, on the monotonic clock; each attempt has its own. */
  onChunk(index: number, chunk: TraceChunk, t0: number): void;
  /** A call of a tool begins, before its chunks; again if its name comes later. */
  onCall?(index: number, begun: BegunCall): void;
  /** A reasoning item begins, its summary gains text, or it has ended. */
  onReasoning?(index: number, progress: ReasoningProgress): void;
  onRestart(index: number, attempt: number): void;
  /** The model has ended the output; what is left is to check and save it, so no more than that can still fail. */
  onFinish?(index: number, finish: Finish): void;
  onGeneration(generation: Generation): void;
};

export type OutputDeps = {
  content: ContentStore;
  log: Log;
  generateOne: GenerateOne;
  /** Counts tokens that the server did not report, after all streams have ended; without it they stay unknown. */
  countTokens?: CountTokens;
};

/** The context that all generations of one attempt at a run share. */
type OutputWork = {
  run: Run;
  request: RunRequest;
  lease: string;
  deps: OutputDeps;
  signal: AbortSignal;
  /** No output is saved before it resolves. */
  stored: Promise<void> | undefined;
  listener: RunListener | undefined;
  check: Checker;
  /** Rejects with `ThrottledError` when the server throttles, so that the run can be put back. */
  patient: boolean;
  /** Counts all attempts; absent where no budget limits the run. */
  meter: RunMeter | undefined;
};

/** An output in the content store, under the key of the lease that wrote it. */
export type SavedOutput = { generation: Generation; lease: string };
/** `uncounted`: the trace of a new output whose tokens are not counted yet. */
type Finished = SavedOutput & { uncounted?: Trace | undefined };

/**
 * Returns the outputs of a claimed run in index order. Missing outputs are generated, checked and saved under this
 * lease's keys, at most 8 at a time and started in index order. If one throws, the call rejects with its error once
 * the others have ended. An output whose generation failed is a result, not an error.
 */
export const generateOutputs = async (work: OutputWork): Promise<SavedOutput[]> => {
  const finished = await generateMissing(work);
  return Promise.all(finished.map((one) => withTokens(one, work)));
};

const generateMissing = async (work: OutputWork): Promise<Finished[]> => {
  const { run, request, deps, signal, listener } = work;
  const count = request.settings.length * request.samples;
  const finished: Finished[] = new Array(count);
  // A first attempt has no saved outputs, so it does not pay for the listing.
  const saved = run.attempts > 1 ? await savedOutputs(run.id, request, deps) : new Map<number, SavedOutput>();
  let next = 0;
  let isThrottled = false;
  const worker = async () => {
    while (next < count && !isThrottled) {
      const index = next++;
      const setting = settingAt(request, index);
      if (!setting) return;
      signal.throwIfAborted();
      const one = saved.get(index) ?? (await generateAndSave(setting, index, work).catch(noteThrottling));
      finished[index] = one;
      listener?.onGeneration(one.generation);
    }
  };
  const noteThrottling = (error: unknown): never => {
    isThrottled ||= error instanceof ThrottledError;
    throw error;
  };
  const workers = Array.from({ length: Math.min(MAX_IN_FLIGHT, count) }, worker);
  // All workers must stop before the lease is released, so wait for the rest before rejecting.
  const ended = await Promise.allSettled(workers);
  const failure = ended.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
  return finished;
};

/** Completed outputs of earlier leases, by index; they are paid for and so reused. Failed ones are generated again. */
const savedOutputs = async (
  runId: string,
  request: RunRequest,
  { content }: Pick<OutputDeps, 'content'>,
): Promise<Map<number, SavedOutput>> => {
  const saved = new Map<number, SavedOutput>();
  for (const key of await content.list(`outputs/${runId}/`)) {
    const [, index, lease] = /\/(\d+)\.([0-9a-f]+)\.json$/.exec(key) ?? [];
    if (index === undefined || lease === undefined || saved.has(Number(index))) continue;
    const generation = decodeGeneration(await content.get(key), requestedBy(request));
    if (generation.status === 'completed') saved.set(Number(index), { generation, lease });
  }
  return saved;
};

const generateAndSave = async (
  setting: Setting,
  index: number,
  { run, request, lease, deps, signal, stored, listener, check, patient, meter }: OutputWork,
): Promise<Finished> => {
  const {
    generation: unchecked,
    trace,
    throttled,
  } = await deps.generateOne({
    setting,
    index,
    sample: index % request.samples,
    messages: request.messages,
    strictSampling: request.strictSampling,
    signal,
    meter: meter?.attemptsAt(index),
    onChunk: (chunk, t0) => listener?.onChunk(index, chunk, t0),
    onCall: (begun) => listener?.onCall?.(index, begun),
    onReasoning: (progress) => listener?.onReasoning?.(index, progress),
    onRestart: (attempt) => listener?.onRestart(index, attempt),
    onFinish: (finish) => listener?.onFinish?.(index, finish),
  });
  if (throttled && patient) throw new ThrottledError(throttled.retryAfterMs);
  const generation = await checked(unchecked, check);
  await stored;
  await save({ generation, trace }, lease, { run, request, deps });
  return { generation, lease, uncounted: deps.countTokens && !generation.timing?.itl_ms ? trace : undefined };
};

/** Saves an output, of which a run with `store: false` keeps the figures. */
const save = async (
  { generation, trace }: { generation: Generation; trace: Trace },
  lease: string,
  { run, request, deps }: Pick<OutputWork, 'run' | 'request'> & { deps: Pick<OutputDeps, 'content'> },
): Promise<void> => {
  const stored = storedOutput(run, { run_id: run.id, generation, trace });
  // The request of a run without texts is deleted, so nothing is left to it.
  const asked = run.store ? requestedBy(request)(generation.index) : {};
  const key = outputKey(run.id, generation.index, lease);
  await deps.content.put(key, encodeOutput(stored, asked), 'application/json');
};

/** Adds check results to a complete output; a failed one has no text to check. */
const checked = async (generation: Generation, check: Checker): Promise<Generation> =>
  generation.status === 'failed' || generation.text === null
    ? generation
    : { ...generation, checks: await check(generation.text) };

/** Counts the output's tokens and saves it again; returns it unchanged when they stay unknown. */
const withTokens = async (
  { generation, lease, uncounted: trace }: Finished,
  { run, request, deps: { countTokens, content, log } }: OutputWork,
): Promise<SavedOutput> => {
  try {
    const counted = trace && (await countTokens?.({ generation, trace }));
    if (!counted) return { generation, lease };
    await save(counted, lease, { run, request, deps: { content } });
    return { generation: counted.generation, lease };
  } catch (error) {
    // The text is complete and saved; a missing figure must not fail the run.
    log.warn('tokens.not_counted', { ...aboutRun(run), index: generation.index, ...errorFields(error) });
    return { generation, lease };
  }
};
