/** A unit that a text can be cut into, by the rules of Unicode (https://unicode.org/reports/tr29/). */
type Unit = 'grapheme' | 'word' | 'sentence';

const segmenters = new Map<Unit, Intl.Segmenter>();

/**
 * Cuts a text into its segments, in order. The locale is fixed, since the bounds must not depend on the machine. The
 * segmenter of a unit is made at its first use, because it loads tables that take some ten milliseconds, and most functions
 * start without needing it.
 */
export const segmentsOf = (text: string, unit: Unit): Intl.Segments => {
  let segmenter = segmenters.get(unit);
  if (!segmenter) {
    segmenter = new Intl.Segmenter('en', { granularity: unit });
    segmenters.set(unit, segmenter);
  }
  return segmenter.segment(text);
};
