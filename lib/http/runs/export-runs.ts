import { type ExportQuery, parseExportQuery, type StreamFormat } from '../../export/query.ts';
import { CONTENT_TYPES } from '../../files/formats/format-of-key.ts';
import type { HttpBindings, HttpContext } from '../base-app.ts';
import { parametersOf } from '../read-request.ts';

/** Yields an export as text in pieces; `remainingMs` is the time that is left for it. See `exportText`. */
export type ExportRuns = (
  format: StreamFormat,
  query: ExportQuery,
  remainingMs: () => number,
) => AsyncGenerator<string>;

/** Whether a request for the list of runs asks for an export. */
export const isExport = (parameters: readonly [string, string][]): boolean =>
  parameters.some(([name]) => name === 'format');

/**
 * Answers GET /runs with `format`. The first piece is read before the response begins, so that an export that cannot
 * begin is answered with a problem. The next ones are read when the client has taken those before.
 */
export const answerExport = async (
  c: HttpContext,
  caller: string,
  exportRuns: ExportRuns,
): Promise<Response> => {
  const { format, query } = parseExportQuery(parametersOf(c.req.raw), caller);
  const pieces = exportRuns(format, query, remainingMsOf(c.env));
  const first = await pieces.next();
  return new Response(bodyOf(first, pieces), {
    headers: {
      'content-type': CONTENT_TYPES[format],
      'content-disposition': `attachment; filename="runs.${format}"`,
    },
  });
};

const bodyOf = (
  first: IteratorResult<string>,
  pieces: AsyncGenerator<string>,
): ReadableStream<Uint8Array> => {
  let next: IteratorResult<string> | undefined = first;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = next ?? (await pieces.next());
        next = undefined;
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
};

/** The time left in the invocation that serves a request; without end outside Lambda. */
const remainingMsOf = (bindings: HttpBindings | undefined): (() => number) => {
  const context = bindings?.lambdaContext as { getRemainingTimeInMillis?: () => number } | undefined;
  return () => context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
};
