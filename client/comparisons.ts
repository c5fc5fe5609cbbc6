import type {
  Comparison,
  ComparisonEstimate,
  ComparisonList,
  ComparisonRequest,
  ComparisonSummary,
  ListComparisonsQuery,
  ReadComparisonQuery,
} from './api-types.ts';
import type { WatchOptions } from './files.ts';
import { itemsOf } from './pages.ts';
import {
  type CallOptions,
  type CreateOptions,
  newIdempotencyKey,
  segment,
  sleep,
  type Transport,
} from './transport.ts';
import type { Wait, WaitOptions } from './wait.ts';

const ENDED: Comparison['status'][] = ['completed', 'completed_with_errors', 'failed'];
const WATCH_MS = 86_400_000;

const pathOf = (id: string): string => `/comparisons/${segment(id)}`;

export const makeComparisons = ({ json, send, limit }: Transport, waitFor: Wait) => ({
  /** Begins a comparison and answers at once; `wait` gives its figures and its verdict. */
  create: (
    body: ComparisonRequest,
    { idempotencyKey = newIdempotencyKey(), ...options }: CreateOptions = {},
  ): Promise<Comparison> =>
    json(
      {
        method: 'POST',
        path: '/comparisons',
        body,
        headers: { 'idempotency-key': idempotencyKey },
        isRepeatable: true,
      },
      options,
    ),

  /** The cost and time of a comparison, and what it could find, before it is begun. */
  estimate: (body: ComparisonRequest, options?: CallOptions): Promise<ComparisonEstimate> =>
    json({ method: 'POST', path: '/comparisons/estimate', body, isRepeatable: true }, options),

  get: (id: string, query: ReadComparisonQuery = {}, options?: CallOptions): Promise<Comparison> =>
    json({ method: 'GET', path: pathOf(id), query, isRepeatable: true }, options),

  /** A page of comparisons, newest first. */
  list: (query: ListComparisonsQuery = {}, options?: CallOptions): Promise<ComparisonList> =>
    json({ method: 'GET', path: '/comparisons', query, isRepeatable: true }, options),

  /** All comparisons, newest first, page by page as they are needed. */
  all: (
    query: ListComparisonsQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<ComparisonSummary, void, undefined> =>
    itemsOf((cursor) =>
      json<ComparisonList>(
        {
          method: 'GET',
          path: '/comparisons',
          query: { ...query, cursor: cursor ?? query.cursor },
          isRepeatable: true,
        },
        options,
      ),
    ),

  /** The comparison once it has ended. @throws {TimeoutError} after `timeoutMs`, ten minutes by default. */
  wait: (id: string, options?: WaitOptions): Promise<Comparison> =>
    waitFor<Comparison>(pathOf(id), ({ status }) => ENDED.includes(status), options),

  /**
   * The comparison without its texts, whenever its progress or its status has changed, the ended one last. It is looked
   * at each second, for a day unless `timeoutMs` says otherwise.
   */
  watch: async function* (
    id: string,
    { everyMs = 1_000, ...options }: WatchOptions = {},
  ): AsyncGenerator<Comparison, void, undefined> {
    const within = limit(options, WATCH_MS);
    let seen = '';
    for (;;) {
      const comparison = await json<Comparison>(
        { method: 'GET', path: pathOf(id), query: { texts: 'false' }, isRepeatable: true },
        options,
        within,
      );
      const state = JSON.stringify([comparison.status, comparison.progress, comparison.stopped]);
      if (state !== seen) yield comparison;
      if (ENDED.includes(comparison.status)) return;
      seen = state;
      await sleep(everyMs, within.signal);
    }
  },

  /** Stops what has not begun. */
  cancel: (id: string, options?: CallOptions): Promise<Comparison> =>
    json({ method: 'POST', path: `${pathOf(id)}/cancel`, isRepeatable: true }, options),

  /** Deletes a comparison with everything of it. */
  delete: (id: string, options: CallOptions = {}): Promise<void> =>
    send({ method: 'DELETE', path: pathOf(id), isRepeatable: true }, async () => {}, limit(options), options),
});
