import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { answerOf, requestOf } from './prompt-lines.ts';

/** What a results object holds, and the first line that is not the one it should be. */
export type Checked = { lines: number; bytes: number; wrong: string | undefined };

/**
 * Reads a results object as a stream and holds each of its lines against the input's: in order, the run that its
 * request gives, its row in the metadata, and its own answer.
 */
export const checkResults = async (body: Readable, runIdOf: (line: number) => string): Promise<Checked> => {
  let bytes = 0;
  let lines = 0;
  let wrong: string | undefined;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  for await (const text of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines += 1;
    wrong ??= fault(text, lines, runIdOf(lines));
  }
  return { lines, bytes, wrong };
};

const fault = (text: string, line: number, runId: string): string | undefined => {
  const { line: told, run_id, status, run } = JSON.parse(text);
  const is = {
    line: told,
    run_id,
    status,
    row: run?.metadata?.row,
    prompt: run?.prompt,
    text: run?.generations?.[0]?.text,
  };
  const { prompt, metadata } = requestOf(line);
  const wanted: typeof is = {
    ...{ line, run_id: runId, status: 'completed', row: metadata.row },
    ...{ prompt, text: answerOf(line) },
  };
  const names = Object.keys(wanted) as (keyof typeof wanted)[];
  const name = names.find((one) => is[one] !== wanted[one]);
  return name && `line ${line}: ${name} is ${JSON.stringify(is[name])}, not ${JSON.stringify(wanted[name])}`;
};
