import type { Clock } from '../async/clock.ts';
import type { Budget } from '../budget/budget.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { canonicalJson, sha256Hex } from '../json/canonical-json.ts';
import type { Log } from '../observe/log.ts';
import { joinedTrace, type TraceContext } from '../observe/trace-context.ts';
import { type Conversations, findPlace, type Place } from '../runs/conversations.ts';
import { DUE, LEASE_MS } from '../runs/due.ts';
import { keyedRunId, requestKey } from '../runs/keys.ts';
import { emptied, listedOf, previewsOf, writeQuietly } from '../runs/list/entry.ts';
import type { ContentStore, Ids, MarkUsage, RunList, RunStore } from '../runs/ports.ts';
import type { RequestDefaults, RunRequest } from '../runs/request.ts';
import { type FileLimit, type FileLine, isAnswered, type Lease, type Run } from '../runs/run.ts';
import type { Shared } from '../runs/template.ts';
import { trueModel } from '../sampling/server.ts';
import { CHUNK_RULE } from '../vectors/chunk-text.ts';

export type AcceptDeps = {
  runs: RunStore;
  list: RunList;
  conversations: Pick<Conversations, 'newest'>;
  markUsage: MarkUsage;
  content: ContentStore;
  budget: Pick<Budget, 'reserve'>;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** The route of a model to its server. */
  defaults: Pick<RequestDefaults, 'routeOf'>;
};

/**
 * - `accepted`: this call created the run.
 * - `answered`: the run existed, and its text is ready or it has ended without one.
 * - `unfinished`: the run existed and is still queued or generating.
 */
type Acceptance = { kind: 'accepted' | 'answered' | 'unfinished'; run: Run };

const NO_PLACE: Place = { conversation: null, previousRun: null, turnKey: null };

const INLINE_REQUEST_BYTES = 1024;

type AcceptInput = {
  id?: string;
  /** The caller has just looked for a run with `id` and found none, so it is not looked for again. */
  isNew?: boolean;
  body: unknown;
  /** Where the template is that `body` is made of, if it is shared: the run then stores only what `body` adds to it. */
  shared?: Shared;
  request: RunRequest;
  caller: string;
  idempotencyKey?: string;
  direct: boolean;
  file?: FileLine;
  /** The cost limit of the line's file. */
  fileLimit?: FileLimit | undefined;
  /** The trace context that the caller sent. */
  trace?: TraceContext;
  /** Called for a new run before anything is reserved or stored for it; an error it throws refuses the run. */
  admit?: () => Promise<void>;
  /**
   * Called with a new run right before it is written, when nothing but that write can still refuse it. Not called for a
   * request that may be a repeat, whose run may exist. Must not throw.
   */
  onAdmitted?: (run: Run) => Promise<void>;
};

/**
 * Creates the run item for a request once: a repeat with the same caller and Idempotency-Key, or for the same file
 * line, returns the first run.
 *
 * The request is stored before the run item, so any worker that resumes the run can read it. That of a run with
 * `store: false` is stored after it, so that a crash in between leaves no request that nothing deletes; a repeat stores it
 * again, and without one the run fails once its attempts are used up. A `direct` run starts as
 * `generating` under a lease of this process; every other run starts as `queued`. Only a new run reserves budget. A
 * reservation without a run (after a crash, or a race of two requests with one key) stays counted until midnight UTC.
 *
 * @throws {ConflictError} `idempotency_key_reused` when the key was used with another body.
 * @throws {NotFoundError} `gone` when the run was deleted.
 * @throws as `admit` does.
 * @throws {OverBudgetError} when the caller's budget of the day does not cover the run; `max_cost_reached`, its file's.
 * @throws {InvalidInputError} `price_unknown` when the budget limits cost and a model has no known price.
 *
 * @example
 * const { kind, run } = await acceptRun({ body, request, caller, idempotencyKey, direct: true }, deps);
 * if (kind === 'accepted') await generateRun(run, request, deps);
 */
export const acceptRun = async (input: AcceptInput, deps: AcceptDeps): Promise<Acceptance> => {
  const json = canonicalJson(input.body);
  const acceptance = await createOnce(input, json, deps);
  if (!input.request.store && acceptance.kind !== 'answered')
    await deps.content.put(requestKey(acceptance.run.id), json, 'application/json');
  return acceptance;
};

const createOnce = async (input: AcceptInput, json: string, deps: AcceptDeps): Promise<Acceptance> => {
  const { runs, content, budget, clock, ids } = deps;
  const { routeOf } = deps.defaults;
  const now = clock.now();
  // Meanwhile the run is admitted and its budget reserved. Lines of files are no turns.
  const place = input.id === undefined ? findPlace(input.caller, input.request, deps) : NO_PLACE;
  const id =
    input.id ??
    (input.idempotencyKey === undefined ? ids.runId(now) : keyedRunId(input.caller, input.idempotencyKey));
  const requestHash = requestHashOf(json, input.request, input.idempotencyKey);
  const isRepeatable = !input.isNew && (input.id !== undefined || input.idempotencyKey !== undefined);
  const earlier = isRepeatable ? await runs.get(id) : undefined;
  if (earlier) return acceptanceOf(earlier, requestHash);

  await input.admit?.();
  const reserved = await budget.reserve(input.caller, input.request, input.fileLimit);
  const stored = input.shared ? JSON.stringify(input.shared.addition) : json;
  const { store } = input.request;
  // Without `store` it is never in the run item, since the table's backups keep earlier states of items.
  const isInline = store && Buffer.byteLength(stored) <= INLINE_REQUEST_BYTES;
  const lease: Lease | null = input.direct ? { token: ids.leaseToken(), until: now + LEASE_MS } : null;
  const run: Run = {
    id,
    caller: input.caller,
    status: lease ? 'generating' : 'queued',
    createdAt: new Date(now).toISOString(),
    model: input.request.model,
    labels: input.request.settings.map(({ label }) => label),
    models: input.request.settings.map(({ model }) => (routeOf ? trueModel(routeOf, model) : model)),
    samples: input.request.samples,
    index: input.request.index,
    store,
    metadata: input.request.metadata,
    ...(await place),
    requestHash,
    request: isInline ? stored : null,
    template: input.shared?.key ?? null,
    attempts: lease ? 1 : 0,
    putBacks: 0,
    embedAttempts: 0,
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
    charged: null,
    chargedOn: reserved?.day ?? null,
    trace: joinedTrace(input.trace, ids.trace(now)),
  };
  if (!isRepeatable) await input.onAdmitted?.(run);
  if (store && !isInline) await content.put(requestKey(id), stored, 'application/json');
  const [isCreated] = await Promise.all([runs.create(run), enter(run, input.request, deps)]);
  if (isCreated) return { kind: 'accepted', run };
  // Another request with the same key won the race, or this write succeeded and its response was lost.
  const winner = await runs.get(id);
  if (!winner)
    throw new NotFoundError(`run ${id} vanished while it was created; send the request again`, {
      retryable: true,
    });
  // Nothing of the request is to stay in the entry of a run that was not made.
  if (winner.createdAt !== run.createdAt)
    await writeQuietly(run, deps.log, () => deps.list.put(emptied(listedOf(run))));
  if (lease && winner.lease?.token === lease.token) return { kind: 'accepted', run: winner };
  return acceptanceOf(winner, requestHash);
};

/**
 * Enters a run in its caller's list, and has its hour summed. Readers look open entries up, so one without its run stands
 * for nothing; and what could not be written is written when the run ends.
 */
const enter = (run: Run, request: RunRequest, { list, markUsage, log }: AcceptDeps): Promise<void> =>
  writeQuietly(run, log, () =>
    Promise.all([list.put(listedOf(run, previewsOf(request, []))), markUsage(run)]),
  );

/**
 * Tells a repeat of a request from another one with the same Idempotency-Key. That of a run with `store: false` is keyed
 * with the Idempotency-Key, which no record holds, so that a record does not confirm a guess at its prompt.
 */
const requestHashOf = (json: string, { store }: RunRequest, idempotencyKey: string | undefined): string => {
  if (store) return sha256Hex(json);
  return idempotencyKey === undefined ? '' : sha256Hex(canonicalJson([idempotencyKey, json]));
};

const acceptanceOf = (run: Run, requestHash: string): Acceptance => {
  if (run.requestHash !== requestHash) {
    throw new ConflictError('this Idempotency-Key was used with another body; use a new key', {
      code: 'idempotency_key_reused',
    });
  }
  if (run.status === 'deleted') throw new NotFoundError(`run ${run.id} was deleted`, { code: 'gone' });
  return { kind: isAnswered(run) ? 'answered' : 'unfinished', run };
};
