import { NOTHING, plus } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { makeRunMeter, type RunMeter } from '../budget/meter.ts';
import { makeChecker } from '../checks/run-checks.ts';
import { ConflictError, cutText } from '../errors.ts';
import { type Conversations, enterTurn } from '../runs/conversations.ts';
import { DUE, dueBy } from '../runs/due.ts';
import { failureOf } from '../runs/failure.ts';
import type { Generation } from '../runs/generation.ts';
import { previewsOf } from '../runs/list/entry.ts';
import { withoutTexts } from '../runs/not-stored.ts';
import type { RunRequest } from '../runs/request.ts';
import { type GenerationFigures, type Run, UNCERTAIN_TIMES } from '../runs/run.ts';
import { chunkText } from '../vectors/chunk-text.ts';
import { type EmitDeps, emitQuietly } from './emit.ts';
import { keepLease, type LeaseDeps, underLease } from './lease.ts';
import { logRunEnd, type ProviderOf } from './measure-run.ts';
import { generateOutputs, type OutputDeps, type RunListener, type SavedOutput } from './outputs.ts';
import { canStillWait, type PutBackDeps, putBack, ThrottledError } from './put-back.ts';

export type GenerateRunDeps = LeaseDeps &
  EmitDeps &
  PutBackDeps &
  OutputDeps & {
    budget: Pick<Budget, 'settle' | 'boundsOf' | 'extend'>;
    conversations: Pick<Conversations, 'put'>;
    /** Names the provider in metrics; without it they name none. */
    providerOf?: ProviderOf;
  };

/** A run after its commit, with its generations in index order. */
type GeneratedRun = { run: Run; generations: Generation[] };

/**
 * Generates the missing outputs of a claimed run, commits status, figures and pending event in one write conditional on
 * the lease, and emits the event. An event that fails to send does not fail the run; the sweep retries it.
 *
 * @throws {ConflictError} `put_back` when `signal` aborts (the function runs out of time) or the model server throttles
 *   a `patient` run. Finished outputs stay saved, and the run is queued again.
 * @throws {ConflictError} `lease_lost` when another worker has taken the run, or it was cancelled or deleted. The run
 *   then points at none of this worker's outputs.
 * @throws as `stored` does; nothing is written then, and a reservation stays counted until midnight UTC.
 *
 * @example
 * const run = await claimRun(id, deps);
 * if (run?.status === 'generating') await generateRun(run, await requestOf(run, deps), deps, { patient: true });
 */
export const generateRun = async (
  run: Run,
  request: RunRequest,
  deps: GenerateRunDeps,
  {
    signal,
    stored,
    listener,
    patient = false,
  }: {
    signal?: AbortSignal | undefined;
    /** Rejects if the run could not be stored. Nothing but asking its models is done before it resolves. */
    stored?: Promise<void> | undefined;
    listener?: RunListener | undefined;
    /** No client waits for the answer: a throttled run is put back instead of failing, for up to a day. */
    patient?: boolean;
  } = {},
): Promise<GeneratedRun> => {
  const keeper = keepLease(run, deps);
  const unstored = new AbortController();
  stored?.catch((error: unknown) => unstored.abort(error));
  const startedAt = deps.clock.monotonic();
  const meter = meterOf(run, request, deps, stored);
  try {
    const stop = AbortSignal.any([keeper.signal, unstored.signal, ...(signal ? [signal] : [])]);
    const outputs = await generateOutputs({
      run,
      request,
      lease: run.lease?.token ?? '',
      deps,
      signal: stop,
      stored,
      listener,
      check: await makeChecker(request.checks),
      patient: patient && canStillWait(run, deps),
      meter,
    });
    const generations = outputs.map(({ generation }) => generation);
    const committed = await commit(run, outputs, { ...deps, charged: chargedBy(run, meter) });
    logRunEnd(
      committed,
      { request, generations },
      { ...deps, durationMs: deps.clock.monotonic() - startedAt },
    );
    // Settle after the commit: after a crash in between, the reservation stays counted until midnight UTC.
    const previews = previewsOf(request, generations);
    const [emitted] = await Promise.all([
      emitQuietly(committed, deps, previews),
      settle(run, meter, deps),
      enterTurn(committed, generations, deps),
    ]);
    return { run: emitted, generations };
  } catch (error) {
    await stored;
    await settle(run, meter, deps);
    const isPutBack = error instanceof ThrottledError || signal?.aborted === true;
    if (keeper.signal.aborted || !isPutBack) throw error;
    await putBack(run, error, deps, chargedBy(run, meter));
    throw new ConflictError(`run ${run.id} was put back into the queue`, { code: 'put_back', cause: error });
  } finally {
    await keeper.release();
  }
};

/** Without a reservation there is nothing to count, so no price is looked up. */
const meterOf = (
  run: Run,
  request: RunRequest,
  { budget, runs }: GenerateRunDeps,
  stored: Promise<void> | undefined,
): RunMeter | undefined =>
  run.reserved === null
    ? undefined
    : makeRunMeter(run.reserved, budget.boundsOf(request), async (more, extended) => {
        await stored;
        await budget.extend(run.caller, extended, more);
        if (await runs.change(run.id, { reserved: extended }, underLease(run))) return;
        await budget.settle(run.caller, { ...extended, ...more }, NOTHING);
        throw leaseLost(run);
      });

const settle = async (run: Run, meter: RunMeter | undefined, { budget }: GenerateRunDeps): Promise<void> => {
  if (meter) await budget.settle(run.caller, meter.reservation(), meter.counted());
};

/** The charge of the run once this worker has ended. */
const chargedBy = (run: Run, meter: RunMeter | undefined): Run['charged'] =>
  meter === undefined ? run.charged : plus(run.charged ?? NOTHING, meter.counted());

/** Characters of a model's name in the run item, which holds 400 KB: servers answer with names of any length. */
const MAX_MODEL = 200;

const figuresOfOutput = ({ generation, lease }: SavedOutput): GenerationFigures => ({
  status: generation.status,
  lease,
  sha256: generation.output_sha256,
  model: cutText(generation.model, MAX_MODEL),
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
  longestGapMs: generation.timing?.chunk_gaps_ms.max ?? null,
  uncertain: UNCERTAIN_TIMES.filter((time) => generation.timing?.uncertain.includes(time)),
});

const kept = ({ generation, lease }: SavedOutput): SavedOutput => ({
  generation: withoutTexts(generation),
  lease,
});

/** Makes the result visible in one write. Reads the run back if the write seems to fail: its response may be lost. */
const commit = async (
  run: Run,
  outputs: SavedOutput[],
  { runs, clock, charged }: GenerateRunDeps & Pick<Run, 'charged'>,
): Promise<Run> => {
  const generations = outputs.map((output) => figuresOfOutput(run.store ? output : kept(output)));
  const isFailed = outputs.every(({ generation }) => generation.status === 'failed');
  const failure = isFailed && outputs[0] ? failureOf(outputs[0].generation) : null;
  const status = failure ? 'failed' : run.index ? 'generated' : 'completed';
  const committed = await runs.change(
    run.id,
    {
      status,
      lease: null,
      generations,
      error: failure,
      reserved: null,
      ...(charged && { charged }),
      pending: [status === 'failed' ? 'RunFailed' : status === 'generated' ? 'RunGenerated' : 'RunCompleted'],
      ...dueBy(run, clock.now() + DUE.pending),
      dueTries: 0,
    },
    underLease(run),
  );
  if (committed) return committed;
  const current = await runs.get(run.id);
  // The stored run points at exactly these outputs. A worker that kept only some of them has outputs of its own.
  const isOurs =
    current?.generations.length === generations.length &&
    generations.every(({ lease }, index) => current.generations[index]?.lease === lease);
  if (current && isOurs) return current;
  throw leaseLost(run);
};

const leaseLost = ({ id }: Run): ConflictError =>
  new ConflictError(`another worker has taken run ${id}, or it was cancelled or deleted`, {
    code: 'lease_lost',
  });
