import { expect, test } from 'vitest';
import { phaseTable } from '../../../../tools/bench/files/phases.ts';

test('phases are reported in seconds, and in lines a second when there were lines', () => {
  const rows = phaseTable([
    { name: 'starting', ms: 2_500 },
    { name: 'reading', ms: 10_000, lines: 100_000 },
  ]);
  expect(rows.map((row) => row.trim().split(/\s{2,}/))).toEqual([
    ['seconds', 'lines a second'],
    ['starting', '2.5'],
    ['reading', '10.0', '10000'],
  ]);
});
