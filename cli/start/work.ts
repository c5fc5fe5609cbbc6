import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Comparison, type Everytoken, type FileSummary } from '../../client/index.ts';

/** A comparison in hand with the rate at which its generations end, which the API does not report. */
export type ComparisonInHand = Comparison & { perSecond: number | null; secondsLeft: number | null };

/** The prompt files and comparisons that are read or generated now, oldest first. */
export type Work = { files: FileSummary[]; comparisons: ComparisonInHand[] };

export type WorkListener = {
  /** Called after each look, with nothing in hand too. */
  onLook: (work: Work) => void;
  onFileEnd: (file: FileSummary) => void;
  onComparisonEnd: (comparison: Comparison) => void;
};

const BUSY_MS = 1_000;
const IDLE_MS = 3_000;
const LISTED = 50;
/** An answer that takes longer is of no use: the next look comes sooner. */
const TIMEOUT_MS = 10_000;

const IN_HAND = new Set<FileSummary['status'] | Comparison['status']>(['reading', 'generating', 'generated']);
const isInHand = ({ status }: { status: FileSummary['status'] | Comparison['status'] }) =>
  IN_HAND.has(status);
/** A file that was announced and has not arrived is none yet. */
const hasEnded = (each: { status: FileSummary['status'] | Comparison['status'] }) =>
  !isInHand(each) && each.status !== 'awaiting_upload';

/**
 * Follows the prompt files and comparisons of a caller until the signal: it reads them each second while some are in
 * hand, and each three seconds otherwise. Only those that end after the first look are told. A look that fails is left
 * out.
 */
export const followWork = (
  client: Pick<Everytoken, 'files' | 'comparisons'>,
  { onLook, onFileEnd, onComparisonEnd }: WorkListener,
  { signal, slowness = 1 }: { signal: AbortSignal; slowness?: number },
) => {
  const call = { signal, timeoutMs: TIMEOUT_MS, maxRetries: 0 };
  const files = makeCollection<FileSummary>({
    newest: async () => (await client.files.list({ limit: LISTED }, call)).data,
    inHand: async () => [
      ...(await client.files.list({ limit: LISTED, status: 'reading' }, call)).data,
      ...(await client.files.list({ limit: LISTED, status: 'generating' }, call)).data,
    ],
    one: (id) => client.files.get(id, call),
  });
  const comparisons = makeCollection({
    newest: async () => (await client.comparisons.list({ limit: LISTED }, call)).data,
    inHand: async () => [],
    one: (id) => client.comparisons.get(id, { texts: 'false' }, call),
  });
  const rates = new Map<string, { at: number; done: number }>();
  let wake = () => {};

  const look = async (): Promise<Work> => {
    const [foundFiles, foundComparisons] = [await files.look(), await comparisons.look()];
    for (const file of foundFiles.ended) onFileEnd(file);
    const whole = await Promise.all(
      [...foundComparisons.ended, ...foundComparisons.inHand].map(({ id }) =>
        client.comparisons.get(id, { texts: 'false' }, call),
      ),
    );
    for (const comparison of whole.filter(hasEnded)) onComparisonEnd(comparison);
    return { files: foundFiles.inHand, comparisons: whole.filter(isInHand).map(withRate) };
  };

  /** The rate since the first look at it. */
  const withRate = (comparison: Comparison): ComparisonInHand => {
    const { completed, failed, generations } = comparison.progress;
    const done = completed + failed;
    const now = performance.now();
    const first = rates.get(comparison.id) ?? { at: now, done };
    rates.set(comparison.id, first);
    const seconds = (now - first.at) / 1000;
    const perSecond = seconds > 0 && done > first.done ? (done - first.done) / seconds : null;
    return { ...comparison, perSecond, secondsLeft: perSecond && (generations - done) / perSecond };
  };

  const follow = async () => {
    while (!signal.aborted) {
      const startedAt = performance.now();
      const work = await look().catch(() => undefined);
      if (signal.aborted) return;
      if (work) onLook(work);
      const isBusy = work !== undefined && work.files.length + work.comparisons.length > 0;
      // A slow machine has better things to do than to answer all the time.
      const pauseMs = Math.max(isBusy ? BUSY_MS : IDLE_MS, 4 * (performance.now() - startedAt)) * slowness;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([woken, delay(pauseMs, undefined, { signal }).catch(() => undefined)]);
    }
  };
  void follow();
  return {
    /** Looks at once: something has begun. */
    wake: () => wake(),
  };
};

type Reads<T> = {
  newest: () => Promise<T[]>;
  /** Those in hand that may not be among the newest, for the first look. */
  inHand: () => Promise<T[]>;
  one: (id: string) => Promise<unknown>;
};

type Item = { id: string; status: FileSummary['status'] | Comparison['status']; created_at: string };

/** Tells at each look what is in hand, and what has ended since the one before. */
const makeCollection = <T extends Item>({ newest, inHand, one }: Reads<T>) => {
  const ended = new Set<string>();
  let known: Set<string> | undefined;
  return {
    look: async (): Promise<{ inHand: T[]; ended: T[] }> => {
      const found = new Map((await newest()).map((item) => [item.id, item]));
      for (const item of known ? [] : await inHand()) found.set(item.id, item);
      for (const id of known ?? []) {
        if (found.has(id)) continue;
        const item = await one(id).catch(goneOr);
        if (item !== undefined) found.set(id, item as T);
      }
      const items = [...found.values()].sort((a, b) => a.created_at.localeCompare(b.created_at));
      const isFirst = known === undefined;
      const justEnded = items.filter((item) => hasEnded(item) && !ended.has(item.id));
      for (const { id } of justEnded) ended.add(id);
      const now = items.filter(isInHand);
      known = new Set(now.map(({ id }) => id));
      return { inHand: now, ended: isFirst ? [] : justEnded };
    },
  };
};

/** A file that was deleted is no longer in hand. */
const goneOr = (error: unknown): undefined => {
  if (error instanceof ApiError && (error.status === 404 || error.status === 410)) return undefined;
  throw error;
};
