/**
 * Turns token bytes into text that may be sent: whole characters only, and nothing that may still become a stop
 * string. `add` returns what can be sent now; after it has found a stop (`stopped`), everything from there on is gone.
 * `close` returns what was held back at the end of the output. Bytes that never become a character come as U+FFFD.
 * `decoded` counts the UTF-16 units decoded so far, sent or not.
 */
export type TextStream = {
  add(bytes: Uint8Array): { text: string; stopped: boolean };
  close(): string;
  decoded(): number;
};

/** Where the earliest stop begins, or -1. */
const earliestStop = (text: string, stops: readonly string[]): number =>
  stops.reduce((earliest, stop) => {
    const at = text.indexOf(stop);
    return at >= 0 && (earliest < 0 || at < earliest) ? at : earliest;
  }, -1);

/** How many characters at the end of the text are the beginning of some stop. */
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
