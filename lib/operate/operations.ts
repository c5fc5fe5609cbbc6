import type { Clock } from '../async/clock.ts';
import { inBatches } from '../async/in-batches.ts';
import type { FileStore } from '../files/ports.ts';
import { errorFields, type Log } from '../observe/log.ts';
import type { DueIndex, DueItem, RunStore } from '../runs/ports.ts';
import type { LastSweep } from './sweep.ts';

/** A queue's messages by SQS's approximate counts. `inFlight`: received and not deleted yet. */
type Depths = { visible: number; inFlight: number; delayed: number };
export type DepthsOf = (url: string, signal: AbortSignal) => Promise<Depths>;

/** The queues by name, each with the address of its own and of its dead letters; `rule` and `sweep` have these alone. */
export type QueueUrls = Record<string, { url: string | null; deadLetters: string }>;

export type OperationsDeps = {
  dueIndex: DueIndex;
  runs: Pick<RunStore, 'get'>;
  files: Pick<FileStore, 'get'>;
  queueUrls: QueueUrls;
  depthsOf: DepthsOf;
  lastSweep: Pick<LastSweep, 'read'>;
  /** The name of this deployment, and its stage where it is known. */
  deployment: string;
  stage: string | null;
  clock: Pick<Clock, 'now'>;
  log: Log;
  /** How long one part may take, ms. */
  timeoutMs?: number;
};

/** Something that the sweep looks at next: `id` of a run or a file. Times of work that is not overdue yet have 0. */
type Oldest = { id: string; status: string; due_at: string; overdue_seconds: number };

type QueueView = {
  name: string;
  visible: number | null;
  in_flight: number | null;
  delayed: number | null;
  dead_letters: number;
};

/**
 * The work that a deployment has in hand. Each part is null when it could not be read in time; `errors` then names it.
 * - `in_hand`: runs and files with work left by status, oldest due first, `blocks` of files under way and `sums` of usage
 *   that are due. `at_least`: there are more than were counted.
 * - `oldest`: those whose next step is due first, or has been due for the longest time.
 */
export type OperationsView = {
  at: string;
  deployment: { stage: string | null; id: string };
  in_hand: {
    runs: Record<string, number>;
    files: Record<string, number>;
    blocks: number;
    sums: number;
    at_least: boolean;
  } | null;
  oldest: { run: Oldest | null; file: Oldest | null } | null;
  queues: QueueView[] | null;
  last_sweep: {
    started_at: string;
    seconds_ago: number;
    duration_ms: number;
    moved: number;
    failed: number;
    complete: boolean;
  } | null;
  errors: { part: string; message: string }[];
};

const TIMEOUT_MS = 4_000;
/** Items of the index that one answer reads. */
const MAX_ITEMS = 2_000;
const AT_ONCE = 40;
/** Work waits a week at most between two looks of the sweep; what is due later only waits to be deleted by retention. */
const HORIZON_MS = 8 * 86_400_000;

/** Reads the state of the work in hand. Each part has its own time limit, and one that fails leaves the others alone. */
export const readOperations = async (deps: OperationsDeps): Promise<OperationsView> => {
  const errors: OperationsView['errors'] = [];
  const { timeoutMs = TIMEOUT_MS } = deps;
  const part = async <T>(name: string, read: (signal: AbortSignal) => Promise<T>): Promise<T | null> => {
    const signal = AbortSignal.timeout(timeoutMs);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      return await Promise.race([read(signal), late]);
    } catch (error) {
      deps.log.warn('operations.unread', { part: name, ...errorFields(error) });
      const message = signal.aborted
        ? `could not be read within ${timeoutMs / 1000} s`
        : 'could not be read; the log says why (operations.unread)';
      errors.push({ part: name, message });
      return null;
    }
  };
  const [work, queues, sweep] = await Promise.all([
    part('in_hand', (signal) => workOf(deps, signal)),
    Promise.all(
      Object.entries(deps.queueUrls).map(([name, urls]) =>
        part(`queues.${name}`, (signal) => queueOf(name, urls, deps.depthsOf, signal)),
      ),
    ),
    part('last_sweep', deps.lastSweep.read),
  ]);
  const now = deps.clock.now();
  return {
    at: new Date(now).toISOString(),
    deployment: { stage: deps.stage, id: deps.deployment },
    in_hand: work?.inHand ?? null,
    oldest: work?.oldest ?? null,
    queues: queues.filter((queue) => queue !== null),
    last_sweep: sweep
      ? {
          started_at: sweep.startedAt,
          seconds_ago: seconds(now - Date.parse(sweep.startedAt)),
          duration_ms: sweep.durationMs,
          moved: sweep.moved,
          failed: sweep.failed,
          complete: sweep.complete,
        }
      : null,
    errors,
  };
};

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000));

const queueOf = async (
  name: string,
  { url, deadLetters }: QueueUrls[string],
  depthsOf: DepthsOf,
  signal: AbortSignal,
): Promise<QueueView> => {
  const [own, dead] = await Promise.all([
    url === null ? null : depthsOf(url, signal),
    depthsOf(deadLetters, signal),
  ]);
  return {
    name,
    visible: own?.visible ?? null,
    in_flight: own?.inFlight ?? null,
    delayed: own?.delayed ?? null,
    dead_letters: dead.visible + dead.inFlight + dead.delayed,
  };
};

type Found = { kind: 'run' | 'file'; id: string; status: string; dueAt: number };

const workOf = async (deps: OperationsDeps, signal: AbortSignal) => {
  const now = deps.clock.now();
  const { items, isCut } = await dueItems(deps, now + HORIZON_MS, signal);
  const of = (isKind: (item: DueItem) => boolean) => items.filter(isKind);
  const blocks = of(({ sk }) => sk.startsWith('BLOCK#'));
  const sums = of(({ pk }) => pk.startsWith('USAGE#'));
  const things = of(({ sk }) => sk === 'RUN' || sk === 'FILE');
  const read = await inBatches(things, AT_ONCE, async ({ pk, sk, dueAt = 0 }): Promise<Found | null> => {
    signal.throwIfAborted();
    const id = pk.slice(pk.indexOf('#') + 1);
    const found = sk === 'RUN' ? await deps.runs.get(id) : await deps.files.get(id);
    // The index lags: what has no work left is not counted.
    if (!found || found.dueAt === null) return null;
    return {
      kind: sk === 'RUN' ? 'run' : 'file',
      id,
      status: found.status,
      dueAt: Math.max(dueAt, found.dueAt),
    };
  });
  const found = read.filter((one) => one !== null);
  const oldestOf = (kind: Found['kind']): Oldest | null => {
    const [first] = found.filter((one) => one.kind === kind).sort((a, b) => a.dueAt - b.dueAt);
    return first
      ? {
          id: first.id,
          status: first.status,
          due_at: new Date(first.dueAt).toISOString(),
          overdue_seconds: seconds(now - first.dueAt),
        }
      : null;
  };
  return {
    inHand: {
      runs: countsOf(found, 'run'),
      files: countsOf(found, 'file'),
      blocks: blocks.length,
      sums: sums.length,
      at_least: isCut,
    },
    oldest: { run: oldestOf('run'), file: oldestOf('file') },
  };
};

const countsOf = (found: Found[], kind: Found['kind']): Record<string, number> => {
  const byStatus = Map.groupBy(
    found.filter((one) => one.kind === kind),
    ({ status }) => status,
  );
  return Object.fromEntries(
    [...byStatus].map(([status, some]): [string, number] => [status, some.length]).sort(),
  );
};

/** The first items of each shard, the same number of all: an item's shard is random, so they are the first of all. */
const dueItems = async (
  { dueIndex }: Pick<OperationsDeps, 'dueIndex'>,
  before: number,
  signal: AbortSignal,
): Promise<{ items: DueItem[]; isCut: boolean }> => {
  const shards = await dueIndex.shards();
  const most = Math.ceil(MAX_ITEMS / shards);
  const read = await inBatches(
    Array.from({ length: shards }, (_, shard) => shard),
    8,
    async (shard) => {
      const items: DueItem[] = [];
      for await (const page of dueIndex.due(shard, before)) {
        signal.throwIfAborted();
        items.push(...page);
        if (items.length > most) break;
      }
      return { items: items.slice(0, most), isCut: items.length > most };
    },
  );
  return { items: read.flatMap(({ items }) => items), isCut: read.some(({ isCut }) => isCut) };
};
