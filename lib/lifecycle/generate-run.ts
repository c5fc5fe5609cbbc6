import { type Amount, NOTHING, sumOf } from '../budget/amount.ts';
import { usedBy } from '../budget/bound.ts';
import type { Budget } from '../budget/budget.ts';
import { type Checker, makeChecker } from '../checks/run-checks.ts';
import { ConflictError } from '../errors.ts';
import type { CountTokens } from '../generate/count-tokens.ts';
import type { GenerateOne } from '../generate/generate-one.ts';
import { errorFields } from '../observe/error-fields.ts';
import { aboutRun } from '../runs/about-run.ts';
import { DUE } from '../runs/due.ts';
import type { Generation, Trace } from '../runs/generation.ts';
import { outputKey } from '../runs/keys.ts';
import { encodeOutput } from '../runs/output-object.ts';
import type { ContentStore } from '../runs/ports.ts';
import type { RunRequest } from '../runs/request.ts';
import type { GenerationFigures, Run } from '../runs/run.ts';
import type { Setting } from '../sampling/setting.ts';
import { chunkText } from '../vectors/chunk-text.ts';
import { type EmitDeps, emitPending } from './emit.ts';
import { keepLease, type LeaseDeps } from './lease.ts';
import { logRunEnd } from './log-run-end.ts';
import type { ProviderOf } from './measure-run.ts';
import { savedGenerations } from './outputs.ts';
import { mayWait, type PutBackDeps, putBack, ThrottledError } from './put-back.ts';
import type { RunListener } from './run-listener.ts';

export const MAX_IN_FLIGHT = 8;

export type GenerateRunDeps = LeaseDeps &
  EmitDeps &
  PutBackDeps & {
    content: ContentStore;
    budget: Pick<Budget, 'settle' | 'boundsOf'>;
    generateOne: GenerateOne;
    /** Called once no stream of the run is under way; left out: what the server does not tell stays unknown. */
    countTokens?: CountTokens;
    /** For what is measured; left out: no provider is named. */
    providerOf?: ProviderOf;
  };

/** The run after its commit, with its generations in index order. */
export type GeneratedRun = { run: Run; generations: Generation[] };

/** `uncounted`: the trace of a new output, where its tokens are still to be counted. */
type Finished = { generation: Generation; lease: string; uncounted?: Trace | undefined };

/**
 * Generates what a claimed run lacks, at most 8 at once, started in index order; saves each output under the
 * lease's own key; then commits run, figures and pending event in one write on condition of the lease, and emits.
 * When `signal` aborts (the function runs out of time), or the server throttles a `patient` run, finished outputs stay
 * saved and the run is put back: throws `ConflictError` (`put_back`). Throws `ConflictError` (`lease_lost`) when
 * another worker has taken the run, or it was cancelled: nothing of ours is pointed at then.
 */
export const generateRun = async (
  run: Run,
  request: RunRequest,
  deps: GenerateRunDeps,
  {
    signal,
    listener,
    patient = false,
  }: {
    signal?: AbortSignal;
    listener?: RunListener | undefined;
    /** Nobody waits: where the server throttles, the run is put back instead of failing, for a day. */
    patient?: boolean;
  } = {},
): Promise<GeneratedRun> => {
  const keeper = keepLease(run, deps);
  const startedAt = deps.clock.monotonic();
  const used = new Map<number, Amount>();
  try {
    const stop = AbortSignal.any([keeper.signal, ...(signal ? [signal] : [])]);
    const generated = await generateMissing({
      run,
      request,
      lease: run.lease?.token ?? '',
      deps,
      signal: stop,
      listener,
      check: await makeChecker(request.checks),
      patient: patient && mayWait(run, deps),
      // Only what was set aside is settled: without a budget no price has to be looked up.
      bounds: run.reserved === null ? [] : deps.budget.boundsOf(request),
      used,
    });
    const finished = await Promise.all(generated.map((one) => withTokens(run, one, deps)));
    const committed = await commit(run, finished, deps);
    logRunEnd(
      committed,
      { request, generations: finished.map(({ generation }) => generation) },
      { ...deps, durationMs: deps.clock.monotonic() - startedAt },
    );
    // Settled after the commit: a crash in between leaves what was set aside counted until midnight.
    const [emitted] = await Promise.all([
      emitQuietly(committed, deps),
      deps.budget.settle(run.caller, run.reserved, sumOf([...used.values()])),
    ]);
    return { run: emitted, generations: finished.map(({ generation }) => generation) };
  } catch (error) {
    await deps.budget.settle(run.caller, run.reserved, sumOf([...used.values()]));
    const isPutBack = error instanceof ThrottledError || signal?.aborted === true;
    if (keeper.signal.aborted || !isPutBack) throw error;
    await putBack(run, error, deps);
    throw new ConflictError(`run ${run.id} was put back`, { code: 'put_back', cause: error });
  } finally {
    await keeper.release();
  }
};

const generateMissing = async (attempt: Attempt): Promise<Finished[]> => {
  const { run, request, deps, signal, listener } = attempt;
  const count = request.settings.length * request.samples;
  const finished: Finished[] = new Array(count);
  // Only a run that was taken over can have outputs: the listing is not paid for by every first attempt.
  const saved = run.attempts > 1 ? await savedGenerations(run.id, deps) : new Map<number, Finished>();
  let next = 0;
  let isThrottled = false;
  const worker = async () => {
    while (next < count && !isThrottled) {
      const index = next++;
      const setting = request.settings[Math.floor(index / request.samples)];
      if (!setting) return;
      signal.throwIfAborted();
      const one = saved.get(index) ?? (await generateAndSave(setting, index, attempt).catch(noteThrottling));
      finished[index] = one;
      listener?.onGeneration(one.generation);
    }
  };
  const noteThrottling = (error: unknown): never => {
    isThrottled ||= error instanceof ThrottledError;
    throw error;
  };
  const workers = Array.from({ length: Math.min(MAX_IN_FLIGHT, count) }, worker);
  // All workers must have stopped before the lease is given back, so the first failure waits for the rest.
  const ended = await Promise.allSettled(workers);
  const failure = ended.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
  return finished;
};

/** What all generations of one attempt at a run share. */
type Attempt = {
  run: Run;
  request: RunRequest;
  lease: string;
  deps: GenerateRunDeps;
  signal: AbortSignal;
  listener: RunListener | undefined;
  check: Checker;
  patient: boolean;
  /** The most that each generation should use, by index. */
  bounds: Amount[];
  /** What this worker's generations used, or may still use, by index: what it has to answer for. */
  used: Map<number, Amount>;
};

const generateAndSave = async (
  setting: Setting,
  index: number,
  { run, request, lease, deps, signal, listener, check, patient, bounds, used }: Attempt,
): Promise<Finished> => {
  const bound = bounds[index] ?? NOTHING;
  used.set(index, bound);
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
    onChunk: (chunk) => listener?.onChunk(index, chunk),
    onRestart: (attempt) => listener?.onRestart(index, attempt),
  });
  if (throttled && patient) {
    used.delete(index);
    throw new ThrottledError(throttled.retryAfterMs);
  }
  used.set(index, usedBy(unchecked, bound));
  const generation = await checked(unchecked, check);
  const output = encodeOutput({ run_id: run.id, generation, trace });
  await deps.content.put(outputKey(run.id, index, lease), output, 'application/json');
  return { generation, lease, uncounted: deps.countTokens && !generation.timing?.itl_ms ? trace : undefined };
};

/** The output with its tokens counted, and saved again so; as it was where they stay unknown. */
const withTokens = async (
  run: Run,
  { generation, lease, uncounted: trace }: Finished,
  { countTokens, content, log }: GenerateRunDeps,
): Promise<Finished> => {
  try {
    const counted = trace && (await countTokens?.({ generation, trace }));
    if (!counted) return { generation, lease };
    const output = encodeOutput({ run_id: run.id, ...counted });
    await content.put(outputKey(run.id, generation.index, lease), output, 'application/json');
    return { generation: counted.generation, lease };
  } catch (error) {
    // The text is whole and saved: it is not lost for a figure.
    log.warn('tokens.not_counted', { ...aboutRun(run), index: generation.index, ...errorFields(error) });
    return { generation, lease };
  }
};

/** Once for each output, when its text is complete. A failed one has no text to check. */
const checked = async (generation: Generation, check: Checker): Promise<Generation> =>
  generation.status === 'failed' || generation.text === null
    ? generation
    : { ...generation, checks: await check(generation.text) };

export const figuresOfGeneration = ({ generation, lease }: Finished): GenerationFigures => ({
  status: generation.status,
  lease,
  sha256: generation.output_sha256,
  model: generation.model,
  promptTokens: generation.usage.prompt_tokens,
  completionTokens: generation.usage.completion_tokens,
  reasoningTokens: generation.usage.reasoning_tokens,
  ttftMs: generation.timing?.ttft_ms ?? null,
  tpotMs: generation.timing?.tpot_ms ?? null,
  e2eMs: generation.timing?.e2e_ms ?? null,
  costUsd: generation.cost_usd,
  chars: generation.text?.length ?? 0,
  chunks: chunkText(generation.text ?? '').length,
  errorCode: generation.error?.code ?? null,
  passed: generation.checks.length === 0 ? null : generation.checks.every(({ passed }) => passed),
  startedAt: generation.timing ? Date.parse(generation.timing.started_at) : null,
  coldStart: generation.timing?.cold_start ?? null,
});

/** The write that makes the result visible. A commit whose answer was lost is recognised by reading it back. */
const commit = async (run: Run, finished: Finished[], { runs, clock }: GenerateRunDeps): Promise<Run> => {
  const generations = finished.map(figuresOfGeneration);
  const failure = finished.every(({ generation }) => generation.status === 'failed')
    ? finished[0]?.generation.error
    : undefined;
  const status = failure ? 'failed' : run.index ? 'generated' : 'completed';
  const token = run.lease?.token ?? '';
  const committed = await runs.change(
    run.id,
    {
      status,
      lease: null,
      generations,
      error: failure ? { code: failure.code, message: failure.message } : null,
      reserved: null,
      pending: [status === 'failed' ? 'RunFailed' : status === 'generated' ? 'RunGenerated' : 'RunCompleted'],
      dueAt: clock.now() + DUE.pending,
      dueTries: 0,
    },
    { status: ['generating'], leaseToken: token },
  );
  if (committed) return committed;
  const current = await runs.get(run.id);
  // What stands there points at these very outputs; another worker that kept some of them has others of its own.
  const isOurs =
    current?.generations.length === generations.length &&
    generations.every(({ lease }, index) => current.generations[index]?.lease === lease);
  if (current && isOurs) return current;
  throw new ConflictError(`run ${run.id}: another worker has taken it`, { code: 'lease_lost' });
};

/** What is not sent now stays pending: the sweep sends it. */
const emitQuietly = async (run: Run, deps: GenerateRunDeps): Promise<Run> => {
  try {
    return await emitPending(run, deps);
  } catch (error) {
    deps.log.warn('event.delayed', { ...aboutRun(run), ...errorFields(error) });
    return run;
  }
};
