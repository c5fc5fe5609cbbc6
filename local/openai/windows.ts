/** What the encoder sees of a text: beyond some 450 characters it is blind. */
export const windowLength = 450;

/** The last white space in the second half of a window, else its length, never inside a surrogate pair. */
const cutBefore = (text: string, from: number): number => {
  const end = from + windowLength;
  for (let at = end; at > from + windowLength / 2; at--) {
    if (/\s/.test(text.charAt(at))) return at;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return splitsPair ? end - 1 : end;
};

/** Cuts a text into pieces of at most 450 characters, between words where it can. All of them together are the text. */
export const windowsOf = (text: string): string[] => {
  const windows: string[] = [];
  let from = 0;
  while (text.length - from > windowLength) {
    const to = cutBefore(text, from);
    windows.push(text.slice(from, to));
    from = to;
  }
  windows.push(text.slice(from));
  return windows;
};
