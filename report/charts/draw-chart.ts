import * as Plot from '@observablehq/plot';

/** A browser's document, or one like it. */
export type ChartDocument = NonNullable<Plot.PlotOptions['document']>;

/** An SVG element. */
export type Chart = ReturnType<typeof Plot.plot>;

export type ChartSize = {
  document: ChartDocument;
  /** In CSS pixels. Below `NARROW` labels stand above their rows, instead of beside them. */
  width: number;
};

export const NARROW = 560;

const COLOURS = 8;
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond'] as const;

/** The colour of the setting at this place of the request: one of the page's CSS variables --series-0 to --series-7. */
export const colourOf = (at: number): string => `var(--series-${at % COLOURS})`;

/** The shape of a setting's mark. Settings with the same colour differ in it. */
export const symbolOf = (at: number): (typeof SYMBOLS)[number] =>
  SYMBOLS[Math.floor(at / COLOURS) % SYMBOLS.length] ?? 'circle';

type Drawing = ChartSize & {
  height: number;
  /** The chart in a sentence, for those who do not see it. */
  description: string;
} & Pick<
    Plot.PlotOptions,
    'marks' | 'x' | 'y' | 'r' | 'marginLeft' | 'marginRight' | 'marginTop' | 'marginBottom'
  >;

/**
 * Draws marks as an SVG element without styles or scripts of its own, so that it stands under any content security
 * policy. Colours are CSS variables and `currentColor`: the page decides on them, for light and dark.
 */
export const drawChart = ({ description, ...options }: Drawing): Chart => {
  const chart = Plot.plot({ ...options, className: 'chart' });
  for (const style of chart.querySelectorAll('style')) style.remove();
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', description);
  for (const element of chart.querySelectorAll('*')) {
    // The parts of an image have no names of their own: its description says all.
    element.removeAttribute('aria-label');
    shorten(element);
  }
  return chart;
};

const NUMERIC = ['cx', 'cy', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'd', 'transform', 'width', 'height', 'r'];

/** Rounds coordinates to a hundredth of a pixel: 2,000 dots take half the bytes. */
const shorten = (element: Element): void => {
  for (const name of NUMERIC) {
    const value = element.getAttribute(name);
    if (value === null) continue;
    const short = value.replace(/-?\d+\.\d{3,}/g, (number: string) =>
      String(Number(Number(number).toFixed(2))),
    );
    if (short !== value) element.setAttribute(name, short);
  }
};

type Element = ReturnType<Chart['querySelectorAll']>[number];
