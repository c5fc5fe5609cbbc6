import stringWidth from 'string-width';
import type { Generation } from '../../client/index.ts';
import { bar } from '../terminal/bar.ts';
import { padFront, padTo } from '../terminal/layout.ts';
import { printable } from '../terminal/printable.ts';
import type { Token, TokenLogprob } from './tokens.ts';

export type Alternative = {
  /** From 1 by probability; undefined for a chosen token that is not among the most probable ones that were kept. */
  rank: number | undefined;
  text: string;
  /** Undefined when the server sent none. */
  probability: number | undefined;
  isChosen: boolean;
};

/** The candidates at a token's place, the most probable first, the chosen one among them or at the end. */
export const alternativesOf = (logprob: TokenLogprob): Alternative[] => {
  const sorted = logprob.top_logprobs.toSorted(
    (a, b) => (b.logprob ?? Number.NEGATIVE_INFINITY) - (a.logprob ?? Number.NEGATIVE_INFINITY),
  );
  const chosenAt = sorted.findIndex(({ token, bytes }) =>
    bytes === null || logprob.bytes === null ? token === logprob.token : `${bytes}` === `${logprob.bytes}`,
  );
  const found = sorted.map(({ token, logprob: each }, at) => ({
    rank: at + 1,
    text: token,
    probability: probabilityOf(each),
    isChosen: at === chosenAt,
  }));
  if (chosenAt >= 0) return found;
  const chosen = {
    rank: undefined,
    text: logprob.token,
    probability: probabilityOf(logprob.logprob),
    isChosen: true,
  };
  return [...found, chosen];
};

const probabilityOf = (logprob: number | null): number | undefined =>
  logprob === null ? undefined : Math.exp(logprob);

/** Where a cut falls: after the alternative of this rank, or beyond those that are known. */
export type Cut = { name: string; after: number | undefined };

/**
 * Where the requested top-k and top-p cut: after the k most probable tokens, and after the first ones whose
 * probabilities add up to p. The probabilities are those before temperature and penalties.
 */
export const cutsOf = (
  alternatives: readonly Alternative[],
  requested: Generation['sampling']['requested'],
): Cut[] => {
  const ranked = alternatives.filter(({ rank }) => rank !== undefined);
  const { top_k, top_p } = requested as { top_k?: unknown; top_p?: unknown };
  const cuts: Cut[] = [];
  if (typeof top_k === 'number')
    cuts.push({ name: `top-k ${top_k}`, after: top_k <= ranked.length ? top_k : undefined });
  if (typeof top_p === 'number' && top_p < 1) {
    let sum = 0;
    const at = ranked.findIndex(({ probability }) => {
      sum += probability ?? Number.NaN;
      return sum >= top_p;
    });
    cuts.push({ name: `top-p ${top_p}`, after: at < 0 ? undefined : at + 1 });
  }
  return cuts;
};

const BAR = 24;

/** The alternatives as lines: rank, token in quotes, probability, bar; a line where something cuts. */
export const alternativeLines = (alternatives: readonly Alternative[], cuts: readonly Cut[]): string[] => {
  const texts = alternatives.map(({ text }) => quoted(text));
  const width = Math.max(...texts.map((text) => stringWidth(text)));
  return alternatives.flatMap(({ rank, probability, isChosen }, at) => {
    const line = [
      padFront(rank === undefined ? '?' : `${rank}`, 3),
      padTo(texts[at] ?? '', width),
      padFront(percent(probability), 8),
      bar(probability ?? 0, BAR),
      isChosen ? '← chosen' : '',
    ]
      .join('  ')
      .trimEnd();
    const here = cuts.filter(({ after }) => after !== undefined && after === rank).map(({ name }) => name);
    return here.length === 0
      ? [line]
      : [line, `     ${'─'.repeat(width)}  ${here.join(' and ')} ${here.length > 1 ? 'cut' : 'cuts'} here`];
  });
};

const percent = (probability: number | undefined): string => {
  if (probability === undefined) return '—';
  const value = probability * 100;
  return `${value < 0.01 && value > 0 ? '< 0.01' : value.toFixed(2)} %`;
};

const MAX_TOKEN = 24;

/** A token's text on one line, with its spaces and line ends to be seen. */
export const quoted = (text: string): string => {
  const shown = JSON.stringify(printable(text));
  const characters = [...shown];
  return characters.length > MAX_TOKEN ? `${characters.slice(0, MAX_TOKEN - 2).join('')}…"` : shown;
};

/** The rank of the chosen token as text. */
export const rankText = (token: Token, alternatives: readonly Alternative[]): string => {
  const chosen = alternatives.find(({ isChosen }) => isChosen);
  const known = alternatives.filter(({ rank }) => rank !== undefined).length;
  if (token.logprob === undefined || chosen === undefined) return '';
  const share = `probability ${percent(chosen.probability)}`;
  if (known === 0) return share;
  return `${chosen.rank === undefined ? `below the ${known} most probable` : `${chosen.rank} of ${known} kept`} · ${share}`;
};
