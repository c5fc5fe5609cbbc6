/**
 * Turns token bytes into text that can be sent: whole characters only, and no text that may still become a stop string.
 * `add` returns the text that can be sent now; once it finds a stop string (`stopped`), the text from there on is
 * dropped. `close` returns the text held back at the end of the output. Bytes that never complete a character become
 * U+FFFD. `decoded` counts the UTF-16 units decoded so far, sent or not.
 */
export type TextStream = {
  add(bytes: Uint8Array): { text: string; stopped: boolean };
  close(): string;
  decoded(): number;
};

/** The index of the earliest stop string, or -1. */
const earliestStop = (text: string, stops: readonly string[]): number =>
  stops.reduce((earliest, stop) => {
    const at = text.indexOf(stop);
    return at >= 0 && (earliest < 0 || at < earliest) ? at : earliest;
  }, -1);

/** The length of the longest end of the text that is the start of a stop string. */
const heldLength = (text: string, stops: readonly string[]): number => {
  const longest = Math.min(text.length, Math.max(0, ...stops.map((stop) => stop.length - 1)));
  for (let length = longest; length > 0; length--) {
    const tail = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(tail))) return length;
  }
  return 0;
};

export const makeTextStream = (stops: readonly string[]): TextStream => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held = '';
  let decoded = 0;
  const append = (text: string): void => {
    held += text;
    decoded += text.length;
  };
  return {
    add(bytes) {
      append(decoder.decode(bytes, { stream: true }));
      const stop = earliestStop(held, stops);
      if (stop >= 0) {
        const text = held.slice(0, stop);
        held = '';
        return { text, stopped: true };
      }
      const length = held.length - heldLength(held, stops);
      const text = held.slice(0, length);
      held = held.slice(length);
      return { text, stopped: false };
    },
    close() {
      append(decoder.decode());
      const text = held;
      held = '';
      return text;
    },
    decoded: () => decoded,
  };
};
