import type { PromptFile } from '../../../../client/index.ts';
import { isObject } from '../../../../lib/json/value.ts';
import type { ApiContext } from '../../../api-command.ts';
import { addLine, type LineRange, rangesOf, reasonOf } from '../reasons.ts';

/** Rows that failed for the same reason: how many, and the numbers of the first ones. */
export type Failure = { reason: string; count: number; lines: LineRange[] };

const MAX_REASONS = 50;

/**
 * The failed rows of an ended file by their reasons, in the words of its results, most rows first. Reads the results only
 * as far as there are failed rows. `more` is how many rows have reasons beyond those.
 */
export const readFailures = async (
  { id, counts, errors }: PromptFile,
  { client, signal }: Pick<ApiContext, 'client' | 'signal'>,
): Promise<{ failures: Failure[]; more: number }> => {
  if (counts.failed === 0) return { failures: [], more: 0 };
  const found = new Map<string, Failure>();
  let left = counts.failed;
  let more = 0;
  const { body } = await client.files.download(id, 'jsonl', { signal });
  for await (const text of linesOf(body)) {
    const failed = failureOf(text);
    if (failed === undefined) continue;
    const { line, reason } = failed;
    const known = found.get(reason);
    if (known) {
      known.count += 1;
      addLine(known.lines, line);
    } else if (found.size < MAX_REASONS) found.set(reason, { reason, count: 1, lines: rangesOf([line]) });
    else more += 1;
    left -= 1;
    if (left <= 0) break;
  }
  // The results of a file that could not be read have one line for all of them.
  const failures =
    found.size > 0
      ? [...found.values()]
      : errors.map(({ code, count, lines }) => ({ reason: reasonOf(code), count, lines: rangesOf(lines) }));
  return { failures: failures.toSorted((a, b) => b.count - a.count), more };
};

async function* linesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** The number of a line and its error, of results of either form; undefined of a line that has none. */
const failureOf = (text: string): { line: number; reason: string } | undefined => {
  if (text.trim() === '') return undefined;
  const result: unknown = JSON.parse(text);
  if (!isObject(result) || !isObject(result.error)) return undefined;
  const { line = 0 } = isObject(result.everytoken) ? result.everytoken : result;
  const { code, message } = result.error;
  // The number of the line stands beside it.
  return { line: Number(line), reason: `${code}: ${String(message ?? '').replace(/^line \d+: /, '')}` };
};
