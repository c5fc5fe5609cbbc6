import type { Clock } from '../async/clock.ts';
import type { Budget } from '../budget/budget.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { canonicalJson, sha256Hex } from '../json/canonical-json.ts';
import { joinedTrace, type TraceContext } from '../observe/trace-context.ts';
import { DUE, LEASE_MS } from '../runs/due.ts';
import { derivedRunId, requestKey } from '../runs/keys.ts';
import type { ContentStore, Ids, RunStore } from '../runs/ports.ts';
import type { RunRequest } from '../runs/request.ts';
import { type FileLine, isAnswered, type Lease, type Run } from '../runs/run.ts';
import { CHUNK_RULE } from '../vectors/chunk-text.ts';

export type AcceptDeps = {
  runs: RunStore;
  content: ContentStore;
  budget: Pick<Budget, 'reserve'>;
  clock: Clock;
  ids: Ids;
};

/** `accepted`: RUN was made now. `answered`: it was there and its text is. `unfinished`: it was there and goes on. */
type Acceptance = { kind: 'accepted' | 'answered' | 'unfinished'; run: Run };

const INLINE_REQUEST_BYTES = 1024;

/**
 * Makes RUN for a request, once: the same caller and Idempotency-Key (or file line) find the first one. The
 * request is saved before RUN is, so whoever resumes the run can read it. With `lease` RUN is `generating` from the
 * start, else `queued`. The caller's budget is asked only for a run that is new; what then is lost (a crash, a race
 * of two requests with one key) stays counted until midnight. Throws `ConflictError` when the key was used for another
 * body, `NotFoundError` (`gone`) when its run was deleted, `OverBudgetError`.
 */
export const acceptRun = async (
  input: {
    id?: string;
    body: unknown;
    request: RunRequest;
    caller: string;
    idempotencyKey?: string;
    direct: boolean;
    file?: FileLine;
    /** The trace that the caller brought. */
    trace?: TraceContext;
  },
  { runs, content, budget, clock, ids }: AcceptDeps,
): Promise<Acceptance> => {
  const now = clock.now();
  const json = canonicalJson(input.body);
  const id =
    input.id ??
    (input.idempotencyKey === undefined
      ? ids.runId(now)
      : derivedRunId('key', input.caller, input.idempotencyKey));
  const requestHash = sha256Hex(json);
  const isRepeatable = input.id !== undefined || input.idempotencyKey !== undefined;
  const earlier = isRepeatable ? await runs.get(id) : undefined;
  if (earlier) return acceptanceOf(earlier, requestHash);

  const reserved = await budget.reserve(input.caller, input.request);
  const isInline = Buffer.byteLength(json) <= INLINE_REQUEST_BYTES;
  if (!isInline) await content.put(requestKey(id), json, 'application/json');
  const lease: Lease | null = input.direct ? { token: ids.leaseToken(), until: now + LEASE_MS } : null;
  const run: Run = {
    id,
    caller: input.caller,
    status: lease ? 'generating' : 'queued',
    createdAt: new Date(now).toISOString(),
    model: input.request.model,
    labels: input.request.settings.map(({ label }) => label),
    samples: input.request.samples,
    index: input.request.index,
    metadata: input.request.metadata,
    requestHash,
    request: isInline ? json : null,
    attempts: lease ? 1 : 0,
    putBacks: 0,
    lease,
    generations: [],
    pending: [],
    dueAt: lease ? lease.until : now + DUE.queued,
    dueTries: 0,
    file: input.file ?? null,
    error: null,
    diversity: null,
    chunkRule: CHUNK_RULE,
    reserved,
    chargedOn: reserved?.day ?? null,
    trace: joinedTrace(input.trace, ids.trace(now)),
  };
  if (await runs.create(run)) return { kind: 'accepted', run };
  // Another request with the same key was faster, or this very write was applied and its answer lost.
  const winner = await runs.get(id);
  if (!winner) throw new NotFoundError(`run ${id} vanished while it was made`, { retryable: true });
  if (lease && winner.lease?.token === lease.token) return { kind: 'accepted', run: winner };
  return acceptanceOf(winner, requestHash);
};

const acceptanceOf = (run: Run, requestHash: string): Acceptance => {
  if (run.requestHash !== requestHash) {
    throw new ConflictError('this Idempotency-Key was used for another body; use a new key', {
      code: 'idempotency_key_reused',
    });
  }
  if (run.status === 'deleted') throw new NotFoundError(`run ${run.id} was deleted`, { code: 'gone' });
  return { kind: isAnswered(run) ? 'answered' : 'unfinished', run };
};
