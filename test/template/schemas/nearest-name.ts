const edits = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [above, letter] of [...from].entries()) {
    const next = [above + 1];
    for (const [column, other] of [...to].entries()) {
      const [diagonal = 0, up = 0, left = 0] = [row[column], row[column + 1], next[column]];
      next.push(
        Math.min(diagonal + (letter.toLowerCase() === other.toLowerCase() ? 0 : 1), up + 1, left + 1),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const MOST_LISTED = 12;

/** `; did you mean Name?` for a name within three edits, else the list of known names if it is short. */
export const suggestion = (name: string, known: readonly string[]): string => {
  const [best] = known.map((other) => ({ other, away: edits(name, other) })).sort((a, b) => a.away - b.away);
  if (best && best.away <= 3) return `; did you mean ${best.other}?`;
  return best && known.length <= MOST_LISTED ? `; there are ${known.toSorted().join(', ')}` : '';
};
