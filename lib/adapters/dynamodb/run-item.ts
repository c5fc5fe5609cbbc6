import { microseconds } from '../../json/value.ts';
import { storedTrace, traceOfStored } from '../../observe/trace-context.ts';
import { type GenerationFigures, type Run, UNCERTAIN_TIMES } from '../../runs/run.ts';
import { leaseOf } from './update.ts';

type Item = Record<string, unknown>;

/**
 * The run item's attributes, without its keys and due time. Fields missing from a change stay missing; a null field
 * removes its attribute in a change, and is left out of a whole run.
 */
export const attributesOf = (run: Partial<Run>): Item => {
  const attributes: Item = {
    id: run.id,
    caller: run.caller,
    status: run.status,
    created_at: run.createdAt,
    model: run.model === '' ? null : run.model,
    labels: run.labels?.length === 0 ? null : run.labels,
    // Nearly always, all settings ask for the run's own model.
    models: run.models?.every((model) => model === run.model) ? null : run.models,
    samples: run.samples === 0 ? null : run.samples,
    index: run.index,
    store: run.store === true ? null : run.store,
    metadata: run.metadata && isEmpty(run.metadata) ? null : run.metadata,
    conversation: run.conversation,
    previous_run: run.previousRun,
    turn_key: run.turnKey,
    request_hash: run.requestHash === '' ? null : run.requestHash,
    request: run.request,
    template: run.template,
    attempts: run.attempts === 0 ? null : run.attempts,
    put_backs: run.putBacks === 0 ? null : run.putBacks,
    embed_attempts: run.embedAttempts === 0 ? null : run.embedAttempts,
    generations: run.generations?.map(compact),
    pending: run.pending && pendingAttribute(run.pending),
    due_tries: run.dueTries,
    file: run.file ?? undefined,
    error: run.error,
    diversity: run.diversity,
    chunk_rule: run.chunkRule,
    reserved: run.reserved,
    charged: run.charged,
    charged_on: run.chargedOn,
    trace: run.trace && storedTrace(run.trace),
    lease_token: run.lease?.token,
    lease_until: run.lease?.until,
  };
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([, value]) => value !== undefined && !(value === null && run.id !== undefined),
    ),
  );
};

const isEmpty = (object: object): boolean => Object.keys(object).length === 0;

/**
 * Pending events as one string, null for none. A string and not a list, so that a condition compares plain values
 * (dynalite does not compare lists).
 */
export const pendingAttribute = (pending: Run['pending']): string | null =>
  pending.length > 0 ? pending.join(' ') : null;

export const runOf = (item: Item): Run => {
  // A tombstone has none of these three.
  const model = (item.model as string | undefined) ?? '';
  const labels = (item.labels as string[] | undefined) ?? [];
  const samples = (item.samples as number | undefined) ?? 0;
  return {
    id: item.id as string,
    caller: item.caller as string,
    status: item.status as Run['status'],
    createdAt: item.created_at as string,
    model,
    labels,
    models: (item.models as string[] | undefined) ?? labels.map(() => model),
    samples,
    index: item.index as boolean,
    store: (item.store as boolean | undefined) ?? true,
    metadata: (item.metadata as Record<string, string> | undefined) ?? {},
    conversation: (item.conversation as string | undefined) ?? null,
    previousRun: (item.previous_run as string | undefined) ?? null,
    turnKey: (item.turn_key as string | undefined) ?? null,
    requestHash: (item.request_hash as string | undefined) ?? '',
    request: (item.request as string | undefined) ?? null,
    template: (item.template as string | undefined) ?? null,
    attempts: (item.attempts as number | undefined) ?? 0,
    putBacks: (item.put_backs as number | undefined) ?? 0,
    embedAttempts: (item.embed_attempts as number | undefined) ?? 0,
    lease: leaseOf(item),
    generations: ((item.generations as CompactFigures[] | undefined) ?? []).map(expand),
    pending: ((item.pending as string | undefined)?.split(' ') ?? []) as Run['pending'],
    dueAt: (item.due_at as number | undefined) ?? null,
    dueTries: (item.due_tries as number | undefined) ?? 0,
    file: (item.file as Run['file'] | undefined) ?? null,
    error: (item.error as Run['error'] | undefined) ?? null,
    diversity: (item.diversity as Run['diversity'] | undefined) ?? null,
    chunkRule: item.chunk_rule as number,
    reserved: (item.reserved as Run['reserved'] | undefined) ?? null,
    charged: (item.charged as Run['charged'] | undefined) ?? null,
    chargedOn: (item.charged_on as string | undefined) ?? null,
    trace: item.trace === undefined ? null : traceOfStored(item.trace as string),
  };
};

// Short names, because a run item holds up to 64 of these and every write of the item pays for its whole size.
type CompactFigures = {
  s: 'c' | 'f';
  l?: string;
  h?: string;
  m?: string;
  p?: number;
  c?: number;
  r?: number;
  t?: number;
  d?: number;
  e?: number;
  u?: number;
  n?: number;
  k: number;
  x?: string;
  b?: boolean;
  a?: number;
  o?: boolean;
  g?: number;
  i?: string;
};

const compact = (figures: GenerationFigures): CompactFigures => {
  const known = (name: string, value: string | number | boolean | null) =>
    value === null ? {} : { [name]: value };
  return {
    s: figures.status === 'completed' ? 'c' : 'f',
    k: figures.chunks,
    // A tombstone has none of these three.
    ...known('l', figures.lease || null),
    ...known('m', figures.model || null),
    ...known('n', figures.chars || null),
    ...known('h', figures.sha256),
    ...known('p', figures.promptTokens),
    ...known('c', figures.completionTokens),
    ...known('r', figures.reasoningTokens),
    ...known('t', rounded(figures.ttftMs)),
    ...known('d', rounded(figures.tpotMs)),
    ...known('e', rounded(figures.e2eMs)),
    ...known('u', figures.costUsd),
    ...known('x', figures.errorCode),
    ...known('b', figures.passed),
    ...known('a', figures.startedAt),
    ...known('o', figures.coldStart),
    ...known('g', rounded(figures.longestGapMs)),
    ...known('i', figures.uncertain.map((time) => UNCERTAIN_TIMES.indexOf(time)).join('') || null),
  };
};

/** To save space. */
const rounded = (ms: number | null): number | null => (ms === null ? null : microseconds(ms));

const expand = (figures: CompactFigures): GenerationFigures => ({
  status: figures.s === 'c' ? 'completed' : 'failed',
  lease: figures.l ?? '',
  sha256: figures.h ?? null,
  model: figures.m ?? '',
  promptTokens: figures.p ?? null,
  completionTokens: figures.c ?? null,
  reasoningTokens: figures.r ?? null,
  ttftMs: figures.t ?? null,
  tpotMs: figures.d ?? null,
  e2eMs: figures.e ?? null,
  costUsd: figures.u ?? null,
  chars: figures.n ?? 0,
  chunks: figures.k,
  errorCode: figures.x ?? null,
  passed: figures.b ?? null,
  startedAt: figures.a ?? null,
  coldStart: figures.o ?? null,
  longestGapMs: figures.g ?? null,
  uncertain: UNCERTAIN_TIMES.filter((_, at) => figures.i?.includes(String(at))),
});
