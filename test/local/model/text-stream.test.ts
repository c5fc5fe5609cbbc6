import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTextStream } from '../../../local/model/text-stream.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Feeds pieces until one stops. Returns the text sent after each piece, and at the end. */
const feed = (stops: string[], pieces: Uint8Array[]): string[] => {
  const stream = makeTextStream(stops);
  const sent: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = stream.add(piece);
    sent.push(text);
    if (stopped) return sent;
  }
  return [...sent, stream.close()];
};

const cutAt = (bytes: Uint8Array, cuts: number[]): Uint8Array[] => {
  const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return borders.slice(1).map((border, at) => bytes.slice(borders[at], border));
};

describe('characters', () => {
  test('are withheld until all their bytes have come', () => {
    const [first, second] = [bytesOf('🦜').slice(0, 3), bytesOf('🦜').slice(3)];
    expect(feed([], [bytesOf('a'), first, second, bytesOf('b')])).toEqual(['a', '', '🦜', 'b', '']);
  });

  test('that are never completed become a replacement character at the end', () => {
    expect(feed([], [bytesOf('a'), Uint8Array.of(0xe2, 0x89)])).toEqual(['a', '', '\uFFFD']);
  });

  test('add up to the text wherever its bytes are split', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.array(fc.nat(80)), (text, cuts) => {
        const sent = feed([], cutAt(bytesOf(text), cuts));
        expect(sent.join('')).toBe(text);
        for (const part of sent) expect(part.isWellFormed()).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('stop strings', () => {
  test('end the text before them, also across pieces', () => {
    expect(feed(['END'], ['one E', 'N', 'D two'].map(bytesOf))).toEqual(['one ', '', '']);
  });

  test('that turn out to be other text are sent after all', () => {
    expect(feed(['END'], ['E', 'N', 'T'].map(bytesOf))).toEqual(['', '', 'ENT', '']);
    expect(feed(['END'], ['an E'].map(bytesOf))).toEqual(['an ', 'E']);
  });

  test('end the text where the earliest of them begins, wherever the text is split', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(letters, fc.array(stop, { maxLength: 3 }), fc.array(fc.nat(60)), (text, stops, cuts) => {
        const found = stops.map((candidate) => text.indexOf(candidate)).filter((at) => at >= 0);
        // Byte by byte, a longer stop that began earlier may still be open when a shorter one is complete.
        const firstEnd = Math.min(
          ...stops.filter((s) => text.includes(s)).map((s) => text.indexOf(s) + s.length),
        );
        const sent = feed(stops, cutAt(bytesOf(text), cuts)).join('');
        if (found.length === 0) expect(sent).toBe(text);
        else {
          expect(text.startsWith(sent)).toBe(true);
          expect(sent.length).toBeLessThan(firstEnd);
          for (const candidate of stops) expect(sent).not.toContain(candidate);
        }
      }),
      { numRuns: 300 },
    );
  });
});
