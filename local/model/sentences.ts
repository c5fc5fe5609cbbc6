/** For each dense token: whether it closes a sentence, if a space follows, and whether it begins with a space. */
export type SentenceMarks = { closes: Uint8Array; spaced: Uint8Array };

const space = 0x20;
const closers = new Set(Buffer.from('.?!'));

export const markSentences = (bytes: readonly Uint8Array[]): SentenceMarks => ({
  closes: Uint8Array.from(bytes, (token) => (closers.has(token.at(-1) ?? 0) ? 1 : 0)),
  spaced: Uint8Array.from(bytes, (token) => (token[0] === space ? 1 : 0)),
});

/** Whether a sentence begins with `token`; the stop in "0.95" closes none, because no space follows. */
export const beginsSentence = (
  { closes, spaced }: SentenceMarks,
  previous: number | undefined,
  token: number,
): boolean => previous !== undefined && closes[previous] === 1 && spaced[token] === 1;

/**
 * For each place of a paragraph, the number (from 0) of the sentence that the tokens before it have come to. Its own
 * token is not known when it is predicted, so the first token of a sentence still counts to the one before.
 */
export const sentenceNumbers = (tokens: readonly number[], marks: SentenceMarks): number[] => {
  let sentence = 0;
  return tokens.map((token, at) => {
    const number = sentence;
    if (beginsSentence(marks, tokens[at - 1], token)) sentence += 1;
    return number;
  });
};
