import type { ExportRow, ListRunsQuery } from './api-types.ts';
import { textOf } from './body-text.ts';
import { ApiError, ConnectionError } from './errors.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ExportQuery = Omit<ListRunsQuery, 'format' | 'sort'> & { [key: `metadata.${string}`]: string };

/** Longer silence is a dead connection: the API reads only what fills the next rows. */
const SILENCE_MS = 120_000;

/**
 * The rows of an export, as they arrive. One that the API ends for lack of time, or whose connection breaks, goes on
 * after the last row; it fails where it gets no further.
 */
export async function* exportRows(
  query: ExportQuery,
  { send, limit }: Transport,
  options: CallOptions,
): AsyncGenerator<ExportRow, void, undefined> {
  let { cursor, limit: left = Number.POSITIVE_INFINITY } = query;
  for (;;) {
    const asked = {
      ...query,
      format: 'jsonl',
      cursor,
      limit: Number.isFinite(left) ? left : undefined,
    };
    const call = { method: 'GET' as const, path: '/runs', query: asked, isRepeatable: true };
    const response = await send(call, async (answer) => answer, limit(options), options);
    const from = cursor;
    let failure: ApiError | ConnectionError | undefined;
    try {
      for await (const row of rowsOf(response, options.signal)) {
        cursor = row.cursor ?? cursor;
        if (row.run_id === null) {
          failure = endOf(row);
          break;
        }
        left--;
        yield row;
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      failure = error;
    }
    if (failure === undefined || left <= 0) return;
    if (cursor === from) throw failure;
  }
}

const endOf = ({ error_code }: ExportRow): ApiError =>
  new ApiError({
    status: 502,
    code: error_code ?? 'internal',
    title: 'The export is not whole',
    detail: 'the API could not go on with the export',
  });

async function* rowsOf(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportRow, void, undefined> {
  let rest = '';
  for await (const text of textOf(response, SILENCE_MS, signal)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as ExportRow;
  }
  // Something between the API and this client ended the answer as if it were whole.
  if (rest !== '') throw new ConnectionError('the export ended within a row');
}

/** The whole of a text answer in pieces, for a table in CSV. */
export const exportCsv = (
  query: ExportQuery,
  { send, limit }: Transport,
  options: CallOptions,
): Promise<Response> =>
  send(
    { method: 'GET', path: '/runs', query: { ...query, format: 'csv' }, isRepeatable: true },
    async (response) => response,
    limit(options),
    options,
  );
