const FULL = '█';
const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` columns for a share from 0 to 1, to an eighth of a column. */
export const bar = (share: number, width: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * width * 8);
  const filled = FULL.repeat(Math.floor(eighths / 8)) + (PARTS[eighths % 8] ?? '');
  return filled.padEnd(width, '░');
};
