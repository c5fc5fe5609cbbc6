import { describe, expect, test } from 'vitest';
import { makeReport } from '../../../tools/verify/report.ts';

const open = () => {
  const lines: string[] = [];
  return {
    lines,
    report: makeReport(
      (line) => lines.push(line),
      () => 0,
    ),
  };
};

describe('the report of a verification', () => {
  test('prints each check with its findings, and exits with 0 when all were run and passed', async () => {
    const { lines, report } = open();
    await report.check('it starts', async () => 'six functions');
    expect(lines).toEqual(['  ok     it starts: six functions (0 ms)']);
    expect(report.conclude()).toBe(0);
    expect(lines.at(-1)).toBe('\nverify:aws PASSED: 1 checks ok, 0 wrong, in 0 s');
  });

  test('continues after a check that failed, prints the fault, and exits with 1', async () => {
    const { lines, report } = open();
    await report.check('it starts', () => Promise.reject(new Error('it did not')));
    report.record('it ends', 3, 'nor that');
    expect(lines).toEqual(['  WRONG  it starts: it did not (0 ms)', '  WRONG  it ends: nor that (3 ms)']);
    expect(report.conclude()).toBe(1);
  });

  test('exits with 2 when a check could not be run, and names it with the remedy', async () => {
    const { lines, report } = open();
    await report.check('it starts', async () => undefined);
    report.notRun('DynamoDB Local', 'no java: apt-get install default-jre-headless');
    expect(lines.at(-1)).toContain('DynamoDB Local: no java: apt-get install default-jre-headless');
    expect(report.conclude()).toBe(2);
    expect(lines.at(-1)).toContain('INCOMPLETE: 1 checks ok, 0 wrong, in 0 s; not run: DynamoDB Local');
  });
});
