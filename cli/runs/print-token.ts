import type { Generation, Trace } from '../../client/index.ts';
import { alternativesOf, cutsOf } from '../../report/alternatives.ts';
import { CommandError } from '../command.ts';
import { cutLine } from '../terminal/layout.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { milliseconds } from '../terminal/units.ts';
import { alternativeLines, quoted, rankText } from './alternatives.ts';
import { findToken, type Token, textBefore } from './tokens.ts';

const AROUND = 48;

/**
 * The token of this number, from 1.
 *
 * @throws {CommandError} when tokens are not counted one by one, or there are fewer
 */
export const tokenAt = (trace: Trace, number: number): Token => {
  const found = findToken(trace, number);
  if (found === undefined)
    throw new CommandError('the server did not say how many tokens its chunks have: see them by --trace');
  if (found.token === undefined)
    throw new CommandError(`--token ${number}: the output has ${found.count} tokens`);
  return found.token;
};

/** Prints a token's time, and its alternatives with their probabilities and where the asked top-k and top-p cut. */
export const printToken = (
  screen: Screen,
  trace: Trace,
  token: Token,
  { sampling }: Pick<Generation, 'sampling'>,
): void => {
  const { number, text, chunk, t_ms, gap_ms, inChunk, logprob } = token;
  const times = [`${milliseconds(t_ms, 1)} after the request`];
  if (gap_ms !== null) times.push(`${milliseconds(gap_ms, 1)} after the chunk before`);
  if (inChunk > 1) times.push(`one of ${inChunk} tokens of its chunk`);
  screen.entry('token', `${number}`, quoted(text));
  screen.entry('time', ...times);
  const context = printableLine(`|${textBefore(trace.chunks, chunk, AROUND)}`).slice(1);
  screen.entry('after', cutLine(`…${context}`, screen.width() - 13));
  if (logprob === undefined) return;
  const alternatives = alternativesOf(logprob);
  screen.entry('rank', rankText(token, alternatives));
  if (alternatives.length < 2) return;
  const cuts = cutsOf(alternatives, sampling.requested);
  screen.line();
  for (const line of alternativeLines(alternatives, cuts)) screen.line(cutLine(line, screen.width()));
  screen.line();
  for (const { name, after } of cuts)
    if (after === undefined)
      screen.line(screen.dim(`${name} keeps more than the alternatives that are known`));
  const { temperature } = sampling.requested as { temperature?: unknown };
  const before = typeof temperature === 'number' ? `temperature ${temperature}` : 'temperature and penalties';
  screen.line(screen.dim(`probabilities are the server's, as a rule those before ${before}`));
};

/** The remedy for a token without alternatives; undefined when it has them. */
export const missingAlternatives = (
  { logprob }: Token,
  again: (words: string) => string,
): string | undefined =>
  logprob !== undefined && logprob.top_logprobs.length > 0
    ? undefined
    : `no alternatives were kept of it: ask for them by ${again('run … --top-logprobs 5')}`;
