import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { fileLine } from '../../../../../cli/commands/file/progress/file-line.ts';

const COUNTS = {
  lines: 1_040,
  accepted: 1_038,
  refused: 2,
  reused: 0,
  generated: 500,
  completed: 500,
  failed: 2,
  not_begun: 0,
  remaining: 538,
  generations: 500,
};
const FILE = {
  status: 'generating' as const,
  counts: COUNTS,
  paid_usd: 0.0123,
  rows_per_second: 3.14,
  seconds_left: 171.3,
  dry_run: false,
};

test('has the bar, done of total, failed, rows a second, time left and cost', () => {
  expect(fileLine(FILE, 79)).toBe(
    '███████▎░░░░░░░ 502 of 1,040 · 2 failed · 3.1 rows/s · 2 min 51 s left · $0.012',
  );
  expect(fileLine(FILE, 69)).toMatch(/^█+[▏▎▍▌▋▊▉]?░+ 502 of 1,040 · 2 failed · 2 min 51 s left · \$0\.012$/);
  expect(fileLine(FILE, 59)).toMatch(/^█+[▏▎▍▌▋▊▉]?░+ 502 of 1,040 · 2 failed · \$0\.012$/);
  for (const width of [49, 59, 69, 79, 139])
    expect(stringWidth(fileLine(FILE, width))).toBeLessThanOrEqual(width);
});

test('says what the file waits for, and leaves out what is not known', () => {
  expect(fileLine({ ...FILE, status: 'reading' }, 79)).toBe('reading the rows…');
  const slow = { ...FILE, paid_usd: null, rows_per_second: null, seconds_left: null };
  expect(fileLine(slow, 60)).toMatch(/ 502 of 1,040 · 2 failed$/);
  const last = { ...FILE, counts: { ...COUNTS, remaining: 0 }, seconds_left: 0 };
  expect(fileLine(last, 79)).toContain('1,040 of 1,040 · 2 failed · writing the results');
});
