import { encodeText, tokenBytes } from './tokens.ts';
import type { Topic } from './topics.ts';

/** An n-gram of order 5 looks at up to four tokens before the one it predicts. */
export const contextLength = 4;

/**
 * A trained n-gram model: every place of the prose at which a token was predicted, sorted by the tokens before it.
 * Tokens have dense ids: `tokens[dense]` is the o200k id, `end` is the end of a text and `begin` (a context only) the
 * start of a paragraph. `columns[k]` holds the token k + 1 places back, -1 beyond the start of the paragraph, so the
 * places that share their last k tokens stand side by side.
 */
export type Ngram = {
  tokens: Int32Array;
  bytes: Uint8Array[];
  denseOf: Map<number, number>;
  end: number;
  begin: number;
  /** How many things can come next: all tokens and the end. */
  size: number;
  topicCount: number;
  /** Tokens that close a paragraph, after which the next one starts from `begin`. */
  breaks: Uint8Array;
  columns: Int32Array[];
  next: Int32Array;
  topic: Uint8Array;
  /** 1, or a half each where a paragraph may end the text or be followed by another. */
  share: Float64Array;
};

type Place = { context: number[]; next: number; topic: number; share: number };

const lineFeed = 10;
const endsParagraph = (bytes: Uint8Array): boolean => bytes.at(-1) === lineFeed && bytes.at(-2) === lineFeed;

const sharedLength = (a: number[], b: number[]): number => {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
};

/** Up to four tokens before an index, the begin among them when they reach so far back. */
const contextAt = (sequence: readonly number[], at: number, begin: number): number[] =>
  at < contextLength ? [begin, ...sequence.slice(0, at)] : sequence.slice(at - contextLength, at);

/** The predictions of a sequence from one index to another, each with the tokens before it back to the begin. */
const placesIn = (
  sequence: number[],
  from: number,
  to: number,
  begin: number,
  topic: number,
  share: number,
): Place[] =>
  Array.from({ length: to - from }, (_, offset) => ({
    context: contextAt(sequence, from + offset, begin),
    next: sequence[from + offset] ?? begin,
    topic,
    share,
  }));

/** A paragraph in o200k ids: as the end of a text, and as one that is followed by another. */
type Encoded = { last: number[]; followed: number[]; topic: number };

const encodeParagraphs = (topics: readonly Topic[]): Encoded[] =>
  topics.flatMap(({ paragraphs }, topic) =>
    paragraphs.map((text) => ({ last: encodeText(text), followed: encodeText(`${text}\n\n`), topic })),
  );

/** Every paragraph may end the text or be followed by another: what both have in common counts once, the rest half. */
const placesOf = (encoded: Encoded, denseOf: ReadonlyMap<number, number>, end: number): Place[] => {
  const begin = end + 1;
  const dense = (id: number): number => denseOf.get(id) ?? begin;
  const last = [...encoded.last.map(dense), end];
  const followed = encoded.followed.map(dense);
  const shared = sharedLength(last, followed);
  return [
    ...placesIn(last, 0, shared, begin, encoded.topic, 1),
    ...placesIn(last, shared, last.length, begin, encoded.topic, 0.5),
    ...placesIn(followed, shared, followed.length, begin, encoded.topic, 0.5),
  ];
};

const byContext = (a: Place, b: Place): number => {
  for (let back = 1; back <= contextLength; back++) {
    const difference = (a.context.at(-back) ?? -1) - (b.context.at(-back) ?? -1);
    if (difference !== 0) return difference;
  }
  return a.next - b.next;
};

/** Counts the prose of all topics. At most 256 topics. Deterministic: the same prose gives the same model. */
export const trainNgram = (topics: readonly Topic[]): Ngram => {
  const paragraphs = encodeParagraphs(topics);
  const tokens = Int32Array.from(
    new Set(paragraphs.flatMap(({ last, followed }) => [...last, ...followed])),
  ).sort();
  const denseOf = new Map(Array.from(tokens, (id, dense) => [id, dense]));
  const end = tokens.length;
  const begin = end + 1;
  const places = paragraphs.flatMap((paragraph) => placesOf(paragraph, denseOf, end)).sort(byContext);
  const bytes = Array.from(tokens, tokenBytes);
  return {
    tokens,
    bytes,
    denseOf,
    end,
    begin,
    size: end + 1,
    topicCount: topics.length,
    breaks: Uint8Array.from(bytes, (token) => (endsParagraph(token) ? 1 : 0)),
    columns: Array.from({ length: contextLength }, (_, back) =>
      Int32Array.from(places, ({ context }) => context.at(-back - 1) ?? -1),
    ),
    next: Int32Array.from(places, (place) => place.next),
    topic: Uint8Array.from(places, (place) => place.topic),
    share: Float64Array.from(places, (place) => place.share),
  };
};
