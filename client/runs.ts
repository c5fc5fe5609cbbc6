import type {
  ExportRow,
  Generation,
  ListRunsQuery,
  Run,
  RunList,
  RunRequest,
  RunSummary,
  Trace,
} from './api-types.ts';
import { type ExportQuery, exportCsv, exportRows } from './export.ts';
import { itemsOf } from './pages.ts';
import { type RunStream, streamRun } from './run-stream.ts';
import {
  type CallOptions,
  type CreateOptions,
  type Limit,
  newIdempotencyKey,
  segment,
  type Transport,
} from './transport.ts';
import type { Wait, WaitOptions } from './wait.ts';

/** A conversation. */
type Messages = NonNullable<RunRequest['messages']>;

/** The body of POST /runs, with a prompt or messages; the method says whether it is streamed or generated later. */
export type RunInput = Omit<RunRequest, 'prompt' | 'messages' | 'stream' | 'background'> &
  ({ prompt: string; messages?: null } | { messages: Messages; prompt?: null });

/** Filters by metadata, as `{ 'metadata.team': 'docs' }`. */
export type MetadataFilter = { [key: `metadata.${string}`]: string };

export type RunQuery = Omit<ListRunsQuery, 'format' | 'texts' | 'metadata_columns'> & MetadataFilter;

export type RunWaitOptions = WaitOptions & {
  /** `generated` (by default): the texts are there. `completed`: they can be found by search, too. */
  until?: 'generated' | 'completed';
};

const ENDED: Run['status'][] = ['completed', 'failed', 'cancelled', 'deleted'];

const hasEnded = ({ status }: Run): boolean => ENDED.includes(status);
const isAnswered = (run: Run): boolean => run.status === 'generated' || hasEnded(run);

const pathOf = (id: string): string => `/runs/${segment(id)}`;

export const makeRuns = (transport: Transport, waitFor: Wait) => {
  const { json, limit, send } = transport;

  const create = (input: RunInput, how: { stream?: true; background?: true }, key: string) => ({
    method: 'POST' as const,
    path: '/runs',
    body: { ...input, ...how },
    headers: { 'idempotency-key': key },
    isRepeatable: true,
  });
  const waitIn = (id: string, within: Limit): Promise<Run> =>
    waitFor<Run>(pathOf(id), isAnswered, {}, within);

  return {
    /**
     * Generates and answers with the whole run. Waits on where the API's own wait of four minutes ends.
     *
     * @throws {ApiError} the request is refused, or the run failed (`error.run`).
     */
    create: async (input: RunInput, options: CreateOptions = {}): Promise<Run> => {
      const within = limit(options);
      const call = create(input, {}, options.idempotencyKey ?? newIdempotencyKey());
      for (;;) {
        const run = await json<Run>(call, options, within);
        if (isAnswered(run)) return run;
        // Asked again with the same key, the API answers with the ended run, or with its failure as a problem.
        await waitIn(run.id, within);
      }
    },

    /**
     * Generates and streams. The request is sent when the events, or `finalRun`, are read first. `timeoutMs` bounds the
     * time until the stream begins.
     *
     * @example
     * const stream = everytoken.runs.stream({ prompt: 'Explain vector databases.' });
     * for await (const event of stream) if (event.type === 'generation.token') process.stdout.write(event.text);
     * const run = await stream.finalRun();
     */
    stream: (input: RunInput, options: CreateOptions = {}): RunStream => {
      const call = create(input, { stream: true }, options.idempotencyKey ?? newIdempotencyKey());
      return streamRun(
        (signal) => send(call, async (response) => response, limit({ ...options, signal }), options),
        (id, signal) => waitFor<Run>(pathOf(id), isAnswered, { signal }),
        options.signal,
      );
    },

    /** Has a run generated later, and answers at once; `wait` gives it when it is there. */
    createInBackground: (input: RunInput, options: CreateOptions = {}): Promise<Run> =>
      json<Run>(create(input, { background: true }, options.idempotencyKey ?? newIdempotencyKey()), options),

    /**
     * The run once it has its texts or has ended without (`status` says which: a failed run is no error here).
     *
     * @throws {TimeoutError} it takes longer than `timeoutMs`, ten minutes by default.
     */
    wait: (id: string, { until = 'generated', ...options }: RunWaitOptions = {}): Promise<Run> =>
      waitFor<Run>(pathOf(id), until === 'generated' ? isAnswered : hasEnded, options),

    get: (id: string, options?: CallOptions): Promise<Run> =>
      json({ method: 'GET', path: pathOf(id), isRepeatable: true }, options),

    /** A page of runs, newest first. */
    list: (query: RunQuery = {}, options?: CallOptions): Promise<RunList> =>
      json({ method: 'GET', path: '/runs', query, isRepeatable: true }, options),

    /** All runs, newest first, page by page as they are needed. */
    all: (query: RunQuery = {}, options?: CallOptions): AsyncGenerator<RunSummary, void, undefined> =>
      itemsOf((cursor) =>
        json<RunList>(
          {
            method: 'GET',
            path: '/runs',
            query: { ...query, cursor: cursor ?? query.cursor },
            isRepeatable: true,
          },
          options,
        ),
      ),

    /**
     * All outputs of a list as rows with every figure, newest first, however many they are. `texts` has whole texts in
     * them. It goes on by itself after a broken connection.
     *
     * @example
     * for await (const row of everytoken.runs.export({ since: '7d' })) console.log(row.model, row.ttft_ms);
     */
    export: (
      query: ExportQuery = {},
      options: CallOptions = {},
    ): AsyncGenerator<ExportRow, void, undefined> => exportRows(query, transport, options),

    /**
     * The same as a table in CSV, as the API's response: `.text()`, or `.body` for a large one. Its last row says whether
     * it is whole (docs/export.md).
     */
    exportCsv: (query: ExportQuery = {}, options: CallOptions = {}): Promise<Response> =>
      exportCsv(query, transport, options),

    /** One output, whole, also of a run that is too large for `get`. */
    generation: (id: string, index: number, options?: CallOptions): Promise<Generation> =>
      json({ method: 'GET', path: `${pathOf(id)}/generations/${index}`, isRepeatable: true }, options),

    /** The tokens of an output with their times: all of them, in several requests where it is long. */
    trace: async (id: string, index = 0, options?: CallOptions): Promise<Trace> => {
      const path = `${pathOf(id)}/generations/${index}/trace`;
      const read = (after?: number): Promise<Trace> =>
        json({ method: 'GET', path, query: { after }, isRepeatable: true }, options);
      const trace = await read();
      while (trace.next_after !== null) {
        const { chunks, next_after } = await read(trace.next_after);
        trace.chunks.push(...chunks);
        trace.next_after = next_after;
      }
      return trace;
    },

    /** Stops a run that is not generated yet. */
    cancel: (id: string, options?: CallOptions): Promise<Run> =>
      json({ method: 'POST', path: `${pathOf(id)}/cancel`, isRepeatable: true }, options),

    /** Deletes a run with its outputs and vectors. */
    delete: (id: string, options: CallOptions = {}): Promise<void> =>
      send(
        { method: 'DELETE', path: pathOf(id), isRepeatable: true },
        async () => {},
        limit(options),
        options,
      ),
  };
};
