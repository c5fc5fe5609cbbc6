/** The n-grams of a word list in order, each as one string; none when there are fewer than n words. */
export const ngrams = (words: string[], n: number): string[] =>
  Array.from({ length: Math.max(0, words.length - n + 1) }, (_, at) => words.slice(at, at + n).join('\n'));

/** How often each n-gram stands in a word list. */
export const countNgrams = (words: string[], n: number): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const ngram of ngrams(words, n)) counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  return counts;
};
