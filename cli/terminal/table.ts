import Table from 'cli-table3';

/** No lines between cells: columns are told apart by two spaces. */
const PLAIN = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** Lays out rows in columns of their widest cell. The columns in `left` are left-aligned, all others right-aligned. */
export const table = (rows: string[][], left: readonly number[]): string[] => {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const grid = new Table({
    chars: { ...PLAIN, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: Array.from({ length: count }, (_, at) => (left.includes(at) ? 'left' : 'right')),
  });
  grid.push(...rows.map((row) => Array.from({ length: count }, (_, at) => row[at] ?? '')));
  return rows.length === 0
    ? []
    : grid
        .toString()
        .split('\n')
        .map((line) => line.trimEnd());
};
