/** A token's position: the number of its sentence in the paragraph, and its offset in the sentence, both from 0. */
export type Position = { sentence: number; offset: number };

export const PARAGRAPH_START: Position = { sentence: 0, offset: 0 };

/** For each dense token: whether it closes a sentence when a space follows, and whether it begins with a space. */
export type SentenceMarks = { closes: Uint8Array; spaced: Uint8Array };

const SPACE = 0x20;
const CLOSERS = new Set(Buffer.from('.?!'));

export const markSentences = (bytes: readonly Uint8Array[]): SentenceMarks => ({
  closes: Uint8Array.from(bytes, (token) => (CLOSERS.has(token.at(-1) ?? 0) ? 1 : 0)),
  spaced: Uint8Array.from(bytes, (token) => (token[0] === SPACE ? 1 : 0)),
});

/**
 * The position after a token. A sentence begins with a spaced token after a closing one, so the stop in "0.95" closes
 * none. A token is unknown when its position is needed to predict it, so the first token of a sentence is predicted at
 * the end of the sentence before.
 */
export const positionAfter = (
  { sentence, offset }: Position,
  { closes, spaced }: SentenceMarks,
  previous: number | undefined,
  token: number,
): Position =>
  previous !== undefined && closes[previous] === 1 && spaced[token] === 1
    ? { sentence: sentence + 1, offset: 1 }
    : { sentence, offset: offset + 1 };

/** The positions at which the tokens of a paragraph are predicted. */
export const positionsOf = (tokens: readonly number[], marks: SentenceMarks): Position[] => {
  let position = PARAGRAPH_START;
  return tokens.map((token, at) => {
    const predictedAt = position;
    position = positionAfter(position, marks, tokens[at - 1], token);
    return predictedAt;
  });
};

/** The weight of a place by the distance of its sentence from the current one: 0, 1, 2, … */
const SENTENCE_CLOSENESS = [1, 0.4, 0.2, 0.1, 0.1] as const;
/** All sentences from the fifth on count as the same one: a late one, near the end of a paragraph. */
const LATEST = SENTENCE_CLOSENESS.length - 1;
/** In tokens: the standard deviation of the bell curve that weights a place by the distance of its offset. */
const OFFSET_SPREAD = 5;
const MIN_OFFSET_CLOSENESS = 0.05;
const FURTHEST = 255;

const OFFSET_CLOSENESS = Float64Array.from({ length: FURTHEST + 1 }, (_, distance) => {
  const bell = Math.exp(-(distance ** 2) / (2 * OFFSET_SPREAD ** 2));
  return MIN_OFFSET_CLOSENESS + (1 - MIN_OFFSET_CLOSENESS) * bell;
});

/** The similarity of two positions, in (0, 1]; 1 for the same one. */
export const closeness = (a: Position, b: Position): number => {
  const sentences = Math.abs(Math.min(a.sentence, LATEST) - Math.min(b.sentence, LATEST));
  const offsets = Math.min(FURTHEST, Math.abs(a.offset - b.offset));
  return (SENTENCE_CLOSENESS[sentences] ?? 0) * (OFFSET_CLOSENESS[offsets] ?? 0);
};
