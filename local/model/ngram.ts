import {
  markSentences,
  PARAGRAPH_START,
  type Position,
  positionsOf,
  type SentenceMarks,
} from './position.ts';
import { encodeText, tokenBytes } from './tokens.ts';
import type { Topic } from './topics.ts';

/** The model is an n-gram of order 5: it predicts a token from up to four tokens before it. */
export const CONTEXT_LENGTH = 4;

/**
 * A trained n-gram model: every place in the prose where a token was predicted, sorted by the tokens before it.
 * Tokens have dense ids: `tokens[dense]` is the o200k id, `end` is the end of a text, and `begin`, which occurs only in
 * contexts, is the start of a paragraph. `columns[k]` holds the token k + 1 places back, or -1 before the start of the
 * paragraph, so places that share their last tokens are adjacent.
 */
export type Ngram = {
  tokens: Int32Array;
  bytes: Uint8Array[];
  denseOf: Map<number, number>;
  end: number;
  begin: number;
  /** The number of possible next ids: all tokens and the end. */
  size: number;
  /** 1 for each token that ends a paragraph. The next token is then predicted from `begin`. */
  breaks: Uint8Array;
  marks: SentenceMarks;
  columns: Int32Array[];
  next: Int32Array;
  topic: Uint8Array;
  positions: Position[];
  /** The weight of a place: 1, or less where a paragraph may either end the text or be followed by another. */
  share: Float64Array;
};

type Place = { context: number[]; next: number; topic: number; position: Position; share: number };

/** The share of paragraphs that end the text; the others are followed by another. Most answers are one paragraph. */
const ENDING_SHARE = 0.9;

const LINE_FEED = 10;
const endsParagraph = (bytes: Uint8Array): boolean =>
  bytes.at(-1) === LINE_FEED && bytes.at(-2) === LINE_FEED;

const sharedLength = (a: number[], b: number[]): number => {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
};

/** Up to four tokens before an index, starting with `begin` near the start of the paragraph. */
const contextAt = (sequence: readonly number[], at: number, begin: number): number[] =>
  at < CONTEXT_LENGTH ? [begin, ...sequence.slice(0, at)] : sequence.slice(at - CONTEXT_LENGTH, at);

/** A paragraph in dense ids, with the position of each token and the paragraph's topic. */
type Sequence = { tokens: number[]; positions: Position[]; topic: number };

/** The places of a sequence from index `from` up to `to`, each with the tokens before it. */
const placesIn = (
  { tokens, positions, topic }: Sequence,
  from: number,
  to: number,
  begin: number,
  share: number,
): Place[] =>
  Array.from({ length: to - from }, (_, offset) => ({
    context: contextAt(tokens, from + offset, begin),
    next: tokens[from + offset] ?? begin,
    topic,
    position: positions[from + offset] ?? PARAGRAPH_START,
    share,
  }));

/** A paragraph in o200k ids, both as the last one of a text and as one that is followed by another. */
type Encoded = { last: number[]; followed: number[]; topic: number };

const encodeParagraphs = (topics: readonly Topic[]): Encoded[] =>
  topics.flatMap(({ paragraphs }, topic) =>
    paragraphs.map((text) => ({ last: encodeText(text), followed: encodeText(`${text}\n\n`), topic })),
  );

/** Every paragraph may end the text or be followed by another. The tokens that both cases share count once. */
const placesOf = (last: Sequence, followed: Sequence, begin: number): Place[] => {
  const shared = sharedLength(last.tokens, followed.tokens);
  return [
    ...placesIn(last, 0, shared, begin, 1),
    ...placesIn(last, shared, last.tokens.length, begin, ENDING_SHARE),
    ...placesIn(followed, shared, followed.tokens.length, begin, 1 - ENDING_SHARE),
  ];
};

/** The token `back` + 1 places back, or -1 before the start of the paragraph. */
const tokenBefore = ({ context }: Place, back: number): number =>
  back < context.length ? (context[context.length - 1 - back] ?? -1) : -1;

/**
 * The places, sorted by the tokens before them from the nearest back, then by the next token. Each place is compared by
 * two numbers, whose digits are tokens: comparing contexts token by token takes most of the training. Three digits are
 * exact for up to 2 ** 17 tokens.
 */
const sortedByContext = (places: readonly Place[], base: number): Place[] => {
  const digit = (place: Place, back: number): number => tokenBefore(place, back) + 1;
  return places
    .map((place) => ({
      place,
      nearest: (digit(place, 0) * base + digit(place, 1)) * base + digit(place, 2),
      rest: digit(place, 3) * base + place.next,
    }))
    .sort((a, b) => a.nearest - b.nearest || a.rest - b.rest)
    .map(({ place }) => place);
};

/** Trains a model on the prose of at most 256 topics. Deterministic: the same prose gives the same model. */
export const trainNgram = (topics: readonly Topic[]): Ngram => {
  const paragraphs = encodeParagraphs(topics);
  const tokens = Int32Array.from(
    new Set(paragraphs.flatMap(({ last, followed }) => [...last, ...followed])),
  ).sort();
  const denseOf = new Map(Array.from(tokens, (id, dense) => [id, dense]));
  const end = tokens.length;
  const begin = end + 1;
  const bytes = Array.from(tokens, tokenBytes);
  const marks = markSentences(bytes);
  const sequenceOf = (ids: readonly number[], topic: number, closing: number[]): Sequence => {
    const dense = [...ids.map((id) => denseOf.get(id) ?? begin), ...closing];
    return { tokens: dense, positions: positionsOf(dense, marks), topic };
  };
  const places = sortedByContext(
    paragraphs.flatMap(({ last, followed, topic }) =>
      placesOf(sequenceOf(last, topic, [end]), sequenceOf(followed, topic, []), begin),
    ),
    begin + 2,
  );
  return {
    tokens,
    bytes,
    denseOf,
    end,
    begin,
    size: end + 1,
    breaks: Uint8Array.from(bytes, (token) => (endsParagraph(token) ? 1 : 0)),
    marks,
    columns: Array.from({ length: CONTEXT_LENGTH }, (_, back) =>
      Int32Array.from(places.map((place) => tokenBefore(place, back))),
    ),
    next: Int32Array.from(places, (place) => place.next),
    topic: Uint8Array.from(places, (place) => place.topic),
    positions: places.map(({ position }) => position),
    share: Float64Array.from(places, (place) => place.share),
  };
};
