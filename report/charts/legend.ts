import * as Plot from '@observablehq/plot';
import { colourOf, symbolOf } from './draw-chart.ts';

export type LegendEntry = {
  label: string;
  /** Its place, which decides on its colour and shape. */
  at: number;
  /** A figure behind the label, in paler type. */
  note?: string;
};

type Room = {
  /** The width that entries can take, from the frame's left edge. */
  width: number;
  /** Where they begin, left of the frame. */
  left: number;
  /** The room between them and the frame. */
  above?: number;
};

const FONT = 12;
const LINE = 20;
const SWATCH = 14;
const BETWEEN = 18;
const CHARACTER = 7;
const NARROW_CHARACTERS = /[ijl.,:;'|!()·ftr -]/;
const WIDE_CHARACTERS = /[mwMW@%—]/;
const LONGEST = 40;

/** About how wide a text is at the size of labels, in a wide font: a chart is drawn without measuring. */
export const widthOf = (text: string): number =>
  [...text].reduce((sum, character) => {
    if (NARROW_CHARACTERS.test(character)) return sum + 4.2;
    return sum + (WIDE_CHARACTERS.test(character) ? 10.5 : CHARACTER + 0.3);
  }, 0);

export const cutTo = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1)).trimEnd()}…`;

/** Names of colours above the frame, in as many lines as they need. `height` is the room to leave for them. */
export const legend = (
  entries: readonly LegendEntry[],
  { width, left, above = 0 }: Room,
): { height: number; marks: Plot.Markish[] } => {
  const most = Math.min(LONGEST, Math.floor((width - SWATCH) / CHARACTER));
  const placed: { entry: LegendEntry; label: string; note: string; x: number; line: number }[] = [];
  let x = 0;
  let line = 0;
  for (const entry of entries) {
    const note = entry.note ? ` ${entry.note}` : '';
    const label = cutTo(entry.label, Math.max(6, most - note.length));
    const taken = SWATCH + widthOf(label) + widthOf(note);
    if (x > 0 && x + taken > width) {
      x = 0;
      line += 1;
    }
    placed.push({ entry, label, note, x, line });
    x += taken + BETWEEN;
  }
  const lines = entries.length === 0 ? 0 : line + 1;
  const height = lines * LINE + (lines > 0 ? 6 : 0);
  const marks = placed.flatMap(({ entry, label, note, x, line }): Plot.Markish[] => {
    const dy = -above - height + line * LINE + LINE / 2;
    const start = {
      frameAnchor: 'top-left' as const,
      textAnchor: 'start' as const,
      lineAnchor: 'middle' as const,
    };
    const text = { ...start, dy, fontSize: FONT, fill: 'currentColor' };
    return [
      Plot.dot([entry], {
        frameAnchor: 'top-left',
        dx: x - left + 4,
        dy,
        r: 4,
        symbol: symbolOf(entry.at),
        fill: colourOf(entry.at),
      }),
      // One text with both parts: only the browser knows where the label ends.
      Plot.text([`${label}${note}`], { ...text, dx: x - left + SWATCH, text: (whole: string) => whole }),
    ];
  });
  return { height, marks };
};
