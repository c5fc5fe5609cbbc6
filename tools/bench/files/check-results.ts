import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { answerOf, requestOf } from './prompt-lines.ts';

/** The size of a results object, and a description of its first wrong line (undefined: all lines are right). */
export type Checked = { lines: number; bytes: number; wrong: string | undefined };

/**
 * Reads a results object as a stream and compares each line with its input line: the line number, the run id that
 * follows from the request, the row in the metadata, the prompt and the answer.
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
    wrong ??= findFault(text, lines, runIdOf(lines));
  }
  return { lines, bytes, wrong };
};

const findFault = (text: string, line: number, runId: string): string | undefined => {
  const { line: number, run_id, status, run } = JSON.parse(text);
  const actual = {
    line: number,
    run_id,
    status,
    row: run?.metadata?.row,
    prompt: run?.prompt,
    text: run?.generations?.[0]?.text,
  };
  const { prompt, metadata } = requestOf(line);
  const expected: typeof actual = {
    ...{ line, run_id: runId, status: 'completed', row: metadata.row },
    ...{ prompt, text: answerOf(line) },
  };
  const names = Object.keys(expected) as (keyof typeof expected)[];
  const name = names.find((one) => actual[one] !== expected[one]);
  return (
    name && `line ${line}: ${name} is ${JSON.stringify(actual[name])}, not ${JSON.stringify(expected[name])}`
  );
};
