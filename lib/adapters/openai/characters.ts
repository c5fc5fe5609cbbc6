import type { TraceChunk } from '../../runs/generation.ts';

/** Where a payload belongs: to the text of its kind, or by a number to that call of a tool. */
export type Source = Exclude<TraceChunk['kind'], 'tool'> | number;

const HIGH_HALF = /[\uD800-\uDBFF]$/;

/**
 * Joins characters beyond U+FFFF whose UTF-16 halves came in two payloads of the same source. The first half waits for
 * the next payload, so the character belongs to that one. A half without the other becomes U+FFFD.
 */
export const makeCharacterJoiner = () => {
  const waiting = new Map<Source, { half: string; at: number }>();
  let replaced = false;

  return {
    /** Whether a half was alone and was replaced. */
    get replaced() {
      return replaced;
    },
    /** A payload that came at `at`, well-formed; empty if it was the first half of a character alone. */
    join(payload: string, source: Source, at: number): string {
      if (waiting.size === 0 && payload.isWellFormed()) return payload;
      let text = (waiting.get(source)?.half ?? '') + payload;
      waiting.delete(source);
      if (HIGH_HALF.test(text)) {
        waiting.set(source, { half: text.slice(-1), at });
        text = text.slice(0, -1);
      }
      if (!text.isWellFormed()) replaced = true;
      return text.toWellFormed();
    },
    /** The halves still waiting when the stream has ended, by source with their times; then none waits any longer. */
    rest(): [Source, number][] {
      const left = [...waiting].map(([source, { at }]): [Source, number] => [source, at]);
      if (left.length > 0) replaced = true;
      waiting.clear();
      return left;
    },
  };
};
