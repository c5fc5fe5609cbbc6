import { setTimeout as pause } from 'node:timers/promises';
import type { Generation, Trace } from '../../client/index.ts';
import type { ApiContext } from '../api-command.ts';
import { CommandError } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { printablePieces } from '../terminal/printable.ts';
import { printFigures, printRemarks } from './figures.ts';
import { findOutput, findRun } from './find-run.ts';
import type { Chunk } from './tokens.ts';
import { toolNameOf } from './whole-outputs.ts';

type PlayOptions = { generation: string; speed: number; json?: true | undefined };

/** Prints a stored output at the pace at which it was generated, and on a terminal its figures. */
export const playRun = async (id: string, options: PlayOptions, context: ApiContext): Promise<number> => {
  const { client, screen, json, signal } = context;
  const run = await findRun(client, id, signal);
  const output = await findOutput(client, run, options.generation, signal);
  if (output.status === 'failed') throw new CommandError(`there is nothing to play: the output failed`);
  if (output.not_stored)
    throw new CommandError('there is nothing to play: its text is not kept (store: false)');
  const trace = await client.runs.trace(run.id, output.index, { signal });
  if (options.json) {
    json(trace);
    return ExitStatus.ok;
  }
  await play(trace, output, options.speed, context);
  if (signal.aborted) return ExitStatus.interrupted;
  if (screen.isTerminal) {
    screen.line();
    const shown = { ...run, generations: [output] };
    printFigures(screen, shown);
    printRemarks(screen, { ...shown, checks: null });
  }
  return ExitStatus.ok;
};

/** Writes the chunks at their times, from the request on. Ctrl-C ends it. */
const play = async (
  { chunks }: Trace,
  output: Generation,
  speed: number,
  { screen, signal }: ApiContext,
): Promise<void> => {
  const pieces = printablePieces();
  let isAtLineStart = true;
  const write = (text: string) => {
    if (text === '') return;
    screen.write(text);
    isAtLineStart = text.endsWith('\n');
  };
  const begun = performance.now();
  try {
    for (const [at, chunk] of chunks.entries()) {
      const waitMs = begun + chunk.t_ms / speed - performance.now();
      if (waitMs > 0) await pause(waitMs, undefined, { signal });
      signal.throwIfAborted();
      write(pieces.add(`${betweenText(chunks[at - 1], chunk, output, isAtLineStart)}${chunk.text}`));
    }
    write(pieces.end());
    if (chunks.at(-1)?.kind === 'tool') write(')');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (!isAtLineStart) screen.line();
};

/** Stands between chunks of different kinds: reasoning is told apart from the text, and a call begins with its name. */
const betweenText = (
  before: Chunk | undefined,
  chunk: Chunk,
  output: Generation,
  isAtLineStart: boolean,
): string => {
  if (before?.kind === chunk.kind && before?.call === chunk.call) return '';
  const end = before?.kind === 'tool' ? ')' : '';
  const line = isAtLineStart ? '' : '\n';
  if (chunk.kind === 'tool') return `${end}${line}${toolNameOf(output, chunk.call)}(`;
  if (chunk.kind === 'reasoning') return `${end}${line}[reasoning] `;
  return before === undefined ? '' : `${end}${line}`;
};
