const FARTHEST = 2;

/**
 * The name that was probably meant: one with the same letters (`topk` is `top_k`), else one that begins so (`temp`), else
 * one that differs by at most two letters. Undefined when there is none.
 */
export const closest = (written: string, names: readonly string[]): string | undefined => {
  const word = lettersOf(written);
  if (word === '') return undefined;
  const same = names.find((name) => lettersOf(name) === word);
  if (same !== undefined) return same;
  const begun = names.filter((name) => word.length > 2 && lettersOf(name).startsWith(word));
  if (begun.length === 1) return begun[0];
  const near = names
    .map((name) => ({ name, distance: distanceOf(word, lettersOf(name)) }))
    .filter(({ distance }) => distance <= FARTHEST && distance < word.length / 2)
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.name;
};

const lettersOf = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Levenshtein's distance: insertions, deletions and replacements of letters that make one word the other. */
const distanceOf = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
