// A fixed locale: word boundaries must not depend on the machine.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** A text's words in order: NFC, lower case, the word-like segments of `Intl.Segmenter`; no punctuation, no spaces. */
export const words = (text: string): string[] =>
  Array.from(segmenter.segment(text.normalize('NFC').toLowerCase()))
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment);
