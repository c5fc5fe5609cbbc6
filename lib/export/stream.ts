import { codeOf } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { rowFormatOf } from './formats.ts';
import type { ExportQuery, StreamFormat } from './query.ts';
import { type ExportDeps, exportRows } from './rows.ts';

export type StreamDeps = ExportDeps & {
  log: Log;
  /** Time left in this invocation, in ms. */
  remainingMs: () => number;
};

/** Characters of a piece of the stream. */
const PIECE = 32 * 1024;
/** Time reserved for the end of the stream, in ms. */
const RESERVE_MS = 15_000;

const OUT_OF_TIME = {
  code: 'out_of_time',
  message:
    'a request lasts 15 minutes at most; go on with this cursor, or let POST /exports write a whole object',
};

/**
 * Yields an export as text, in pieces of some 32 KB. Rows are read as pieces are taken.
 *
 * An export that cannot be finished says so in a last row without a run_id, whose `error_code` is the reason and whose
 * `cursor` goes on after the last row. It ends there when it runs out of time. After any other error it throws, so that
 * the connection breaks. An error before the first piece is thrown alone.
 */
export async function* exportText(
  format: StreamFormat,
  query: ExportQuery,
  deps: StreamDeps,
): AsyncGenerator<string> {
  const { opening, render, renderEnd } = rowFormatOf(format, query.metadataColumns);
  let text = opening;
  let cursor = query.cursor ?? null;
  let hasBegun = false;
  try {
    for await (const step of exportRows(query, deps)) {
      if (deps.remainingMs() < RESERVE_MS) {
        yield text + renderEnd({ ...OUT_OF_TIME, cursor });
        return;
      }
      if (step.row) text += render(step.row);
      cursor = step.cursor;
      if (text.length < PIECE) continue;
      yield text;
      hasBegun = true;
      text = '';
    }
  } catch (error) {
    if (!hasBegun) throw error;
    deps.log.error('export.failed', { caller: query.caller, ...errorFields(error) });
    yield text + renderEnd({ code: codeOf(error), message: 'a read failed; go on with this cursor', cursor });
    throw error;
  }
  if (text !== '') yield text;
}
