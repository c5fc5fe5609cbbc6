import stringWidth from 'string-width';
import type { Alternative, Cut } from '../../report/alternatives.ts';
import { bar } from '../terminal/bar.ts';
import { padFront, padTo } from '../terminal/layout.ts';
import { printable } from '../terminal/printable.ts';
import type { Token } from './tokens.ts';

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
