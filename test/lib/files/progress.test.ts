import { describe, expect, test } from 'vitest';
import { isMarkDue, markPace, rowsPerSecond } from '../../../lib/files/progress.ts';
import { makePromptFile } from '../../factories/prompt-file.ts';
import { makeMemoryFileStore } from '../../memory/file-store.ts';

const T0 = Date.UTC(2026, 10, 22, 13);
const generatingAt = new Date(T0).toISOString();
const counts = (completed: number) => ({ ...makePromptFile().counts, completed });

describe('the pace of a file', () => {
  test('is the mean in its first minute, and that of the last minute later', () => {
    const marks = [20, 40, 60, 80].map((second) => ({ at: T0 + second * 1_000, done: second * 10 }));
    const at = (second: number, done: number) =>
      rowsPerSecond({ generatingAt, pace: marks }, done, T0 + second * 1_000);
    expect(rowsPerSecond({ generatingAt, pace: [] }, 30, T0 + 10_000)).toBe(3);
    // 800 lines in 80 s, then 40 lines in 40 s: of the last 60 s, 20 s were at the earlier rate.
    expect(at(120, 840)).toBe((840 - 600) / 60);
    expect(at(140, 860)).toBe((860 - 800) / 60);
    expect(rowsPerSecond({ generatingAt: null, pace: [] }, 0, T0)).toBeNull();
  });

  test('falls while nothing ends', () => {
    const pace = [{ at: T0 + 60_000, done: 600 }];
    const rates = [120, 600, 6_000].map((second) =>
      rowsPerSecond({ generatingAt, pace }, 660, T0 + second * 1_000),
    );
    expect(rates).toEqual([1, 60 / 540, 60 / 5_940]);
  });

  test('is marked every 20 seconds by a few of the lines, with few marks kept', async () => {
    const files = makeMemoryFileStore();
    const { id } = makePromptFile();
    await files.create(makePromptFile({ status: 'generating', generatingAt }));
    let marks = 0;
    for (let second = 1; second <= 600; second += 1) {
      const now = T0 + second * 1_000;
      for (let line = second * 10; line < second * 10 + 10; line += 1) {
        const file = await files.get(id);
        if (!file || !isMarkDue(file, line, now)) continue;
        files.files.set(id, { ...file, counts: counts(line) });
        await markPace({ ...file, counts: counts(line) }, now, files);
        marks += 1;
      }
    }
    expect(marks).toBeGreaterThan(15);
    expect(marks).toBeLessThanOrEqual(30);
    const file = await files.get(id);
    expect(file?.pace.length).toBeLessThanOrEqual(5);
    expect(file && rowsPerSecond(file, 6_010, T0 + 601_000)).toBeCloseTo(10, 0);
  });

  test('is looked at by a tenth of the lines, also where only every second or tenth number is a line', () => {
    const due = (step: number) =>
      Array.from({ length: 1_000 }, (_, at) => 1 + at * step).filter((line) =>
        isMarkDue(makePromptFile({ generatingAt }), line, T0 + 30_000),
      ).length;
    for (const step of [1, 2, 10]) {
      expect(due(step)).toBeGreaterThan(70);
      expect(due(step)).toBeLessThan(130);
    }
  });
});
