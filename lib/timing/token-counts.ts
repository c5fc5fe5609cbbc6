/**
 * How many tokens each of `texts` (the chunks of one text, in order) holds, from the tokens' lengths in UTF-8 bytes.
 * A token belongs to the chunk it begins in. `null` where chunks and tokens do not fit: a server sends a token's text
 * as soon as it is whole, so a chunk ends where a token does, or amid one only by the bytes of an unfinished character.
 */
export const tokensByBorders = (texts: readonly string[], tokenBytes: readonly number[]): number[] | null => {
  if (!texts.every((text) => text.isWellFormed())) return null;
  const counts: number[] = texts.map(() => 0);
  const sizes = texts.map((text) => Buffer.byteLength(text));
  let chunk = 0;
  let chunkEnd = sizes[0] ?? 0;
  let start = 0;
  for (const bytes of tokenBytes) {
    while (start >= chunkEnd && chunk < texts.length) chunkEnd += sizes[++chunk] ?? 0;
    if (chunk >= texts.length) return null;
    counts[chunk] = (counts[chunk] ?? 0) + 1;
    start += bytes;
    if (start > chunkEnd && chunkEnd + firstCharacterBytes(texts[chunk + 1]) <= start) return null;
  }
  return start === sizes.reduce((sum, size) => sum + size, 0) ? counts : null;
};

const firstCharacterBytes = (text = ''): number =>
  Buffer.byteLength(String.fromCodePoint(text.codePointAt(0) ?? 0));
