import type {
  CallerList,
  ListCallersQuery,
  ModelList,
  Operations,
  ReadUsageQuery,
  SearchAnswer,
  SearchRequest,
  UsageReport,
} from './api-types.ts';
import { makeComparisons } from './comparisons.ts';
import { makeExports } from './exports.ts';
import { makeFiles } from './files.ts';
import { makeRuns } from './runs.ts';
import { type CallOptions, type ClientOptions, makeTransport } from './transport.ts';
import { makeWait } from './wait.ts';

export type * from './api-types.ts';
export type { File as PromptFile } from './api-types.ts';
export {
  ApiError,
  ConnectionError,
  type ErrorCode,
  EverytokenError,
  StorageError,
  TimeoutError,
} from './errors.ts';
export type { ExportQuery } from './export.ts';
export type { ResultFormat, UploadInput, WatchOptions } from './files.ts';
export type { Page } from './pages.ts';
export type { RunEvent, RunStream } from './run-stream.ts';
export type { MetadataFilter, RunInput, RunQuery, RunWaitOptions } from './runs.ts';
export type { CallOptions, ClientOptions, CreateOptions } from './transport.ts';
export type { WaitOptions } from './wait.ts';

/** The body of POST /search; a filter may also have `metadata.KEY` fields. */
export type SearchInput = Omit<SearchRequest, 'filter'> & {
  filter?: (NonNullable<SearchRequest['filter']> & { [key: `metadata.${string}`]: string | null }) | null;
};

/**
 * A client of everytoken's API, for Node and browsers. Every method takes options last: `signal`, `timeoutMs` (of the
 * whole call) and `maxRetries`. Retries never generate twice: each call that creates has its own Idempotency-Key.
 *
 * It is a function and not a class because it has no state to share, so that its methods can be passed on by
 * themselves.
 *
 * @example
 * const everytoken = createClient({ baseUrl: 'http://127.0.0.1:3000' });
 * const run = await everytoken.runs.create({ prompt: 'Explain vector databases.', max_tokens: 100 });
 */
export const createClient = (options: ClientOptions) => {
  const transport = makeTransport(options);
  const { json } = transport;
  const wait = makeWait(transport);
  return {
    runs: makeRuns(transport, wait),
    files: makeFiles(transport, wait),
    comparisons: makeComparisons(transport, wait),
    exports: makeExports(transport, wait),

    /** Finds outputs by meaning. */
    search: (body: SearchInput, call?: CallOptions): Promise<SearchAnswer> =>
      json({ method: 'POST', path: '/search', body, isRepeatable: true }, call),

    /** Requests, tokens and cost of a period, and the budget that is left today. */
    usage: (query: Omit<ReadUsageQuery, 'format'> = {}, call?: CallOptions): Promise<UsageReport> =>
      json({ method: 'GET', path: '/usage', query, isRepeatable: true }, call),

    /** The same as a table in CSV. */
    usageCsv: (query: Omit<ReadUsageQuery, 'format'> = {}, call: CallOptions = {}): Promise<string> =>
      transport.send(
        { method: 'GET', path: '/usage', query: { ...query, format: 'csv' }, isRepeatable: true },
        (response) => response.text(),
        transport.limit(call),
        call,
      ),

    /** A page of callers with their budgets and limits; for an operator's key. */
    callers: (query: ListCallersQuery = {}, call?: CallOptions): Promise<CallerList> =>
      json({ method: 'GET', path: '/callers', query, isRepeatable: true }, call),

    /** The state of the deployment: work in hand, what is late, dead letters; for an operator's key. */
    operations: (call?: CallOptions): Promise<Operations> =>
      json({ method: 'GET', path: '/operations', isRepeatable: true }, call),

    /** The models that can be asked: the fields that each takes, its price, its shutdown date. */
    models: (call?: CallOptions): Promise<ModelList> =>
      json({ method: 'GET', path: '/models', isRepeatable: true }, call),
  };
};

/** A client. */
export type Everytoken = ReturnType<typeof createClient>;
