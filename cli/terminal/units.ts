/** Figures as people read them, with their units. An unknown figure is a dash, never zero. */
export const UNKNOWN = '—';

export const whole = (value: number | null | undefined): string => known(value, (n) => n.toFixed(0));

/** A count with its thousands apart: `12,345`. */
export const counted = (value: number | null | undefined): string =>
  known(value, (n) => Math.round(n).toLocaleString('en-US'));

/** A count with its noun: `1 row`, `1,200 rows`. */
export const countOf = (value: number, noun: string): string =>
  `${counted(value)} ${noun}${value === 1 ? '' : 's'}`;

export const milliseconds = (ms: number | null | undefined, digits = 0): string =>
  known(ms, (n) => `${fixed(n, digits)} ms`);

export const secondsOf = (ms: number | null | undefined): string =>
  known(ms, (n) => `${(n / 1000).toFixed(2)} s`);

export const fourDigits = (value: number | null | undefined): string => known(value, (n) => n.toFixed(4));

/** Bytes in the unit that fits: `512 B`, `1.4 MiB`. */
export const bytesText = (bytes: number): string => {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${'KMGT'[power - 1]}iB`;
};

/** Formats dollars as people write money: with two significant digits, at least cents, and thousands apart. */
export const dollars = (usd: number | null | undefined): string =>
  known(usd, (n) => {
    const digits = n === 0 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(Math.abs(n))));
    const size = { minimumFractionDigits: Math.min(20, digits), maximumFractionDigits: Math.min(20, digits) };
    return `$${n.toLocaleString('en-US', size)}`;
  });

/** Formats an estimate with half its interval's width, as `0.41 ± .05`. The upper bound is never clamped. */
export const withInterval = (estimate: number | null, interval: [number, number] | null): string =>
  known(estimate, (n) => {
    if (!interval) return n.toFixed(2);
    return `${n.toFixed(2)} ± ${(interval[1] - n).toFixed(2).replace(/^0/, '')}`;
  });

const known = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? UNKNOWN : format(value);

/** `toFixed` without a minus sign before zero. */
const fixed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
};
