import * as Plot from '@observablehq/plot';

/** 1, 2 and 5 of each decade; the decades alone where there are many, or little room. */
export const logarithmicTicks = ([least, most]: readonly [number, number], isNarrow: boolean): number[] => {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const decades = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
  const steps = Math.log10(most / least) > (isNarrow ? 1.5 : 3) ? [1] : [1, 2, 5];
  return decades
    .flatMap((decade) => steps.map((step) => step * decade))
    .filter((tick) => tick >= least && tick <= most);
};

/** The least of 1, 2, 2.5 and 5 times a power of ten that divides this span into at most `parts`. */
export const niceStep = (span: number, parts: number): number => {
  if (!(span > 0)) return 1;
  const decade = 10 ** Math.floor(Math.log10(span / parts));
  return [1, 2, 2.5, 5, 10].map((step) => step * decade).find((step) => span / step <= parts) ?? 10 * decade;
};

/** Round values from 0 to `most`; whole numbers alone for counts. */
export const ticksFromZero = (most: number, parts: number, isCount = false): number[] => {
  const step = isCount ? Math.max(1, Math.ceil(niceStep(most, parts))) : niceStep(most, parts);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, at) =>
    Number((at * step).toPrecision(12)),
  );
};

/** Axes and grids that stay behind the figures. */
export const QUIET_AXIS = { fontSize: 11, tickSize: 0, color: 'currentColor', fillOpacity: 0.72 } as const;
export const QUIET_GRID = { stroke: 'currentColor', strokeOpacity: 0.1 } as const;

/** A number with grouped thousands, and no more digits than three where it is small. */
export const plainNumber = (value: number): string =>
  value.toLocaleString(
    'en-US',
    Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );

const TITLE = {
  fontSize: 11,
  fill: 'currentColor',
  fillOpacity: 0.72,
  text: (title: string) => title,
  lineAnchor: 'middle',
} as const;

/** The y axis's title, above its ticks; `left` is the margin that they stand in. */
export const yTitle = (title: string, left: number): Plot.Markish =>
  Plot.text([title], { ...TITLE, frameAnchor: 'top-left', textAnchor: 'start', dx: -left, dy: -16 });

/** The x axis's title, below its ticks at the right end. */
export const xTitle = (title: string): Plot.Markish =>
  Plot.text([title], { ...TITLE, frameAnchor: 'bottom-right', textAnchor: 'end', dy: 34 });
