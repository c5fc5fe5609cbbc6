import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limitsOf, metAt } from '../../tools/scale/limits.ts';
import { MEASURED, type Way } from '../../tools/scale/measured.ts';
import { runUsage } from '../../tools/scale/run-usage.ts';
import { readAlarms, setupOf } from '../../tools/scale/standing.ts';
import { TYPICAL } from '../../tools/scale/workload.ts';
import { PAGES, TABLES, withTables } from '../../tools/scale/write-tables.ts';

const root = join(import.meta.dirname, '../..');
const pageOf = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('the tables of the docs', () => {
  test.each(PAGES)('in %s are the ones that the calculation makes', (file) => {
    const page = pageOf(file);
    expect(page, 'npm run cost -- --write').toBe(withTables(page));
  });

  test('are each on some page', () => {
    const all = PAGES.map(pageOf).join('\n');
    for (const name of Object.keys(TABLES)) expect(all).toContain(`<!-- scale:${name} -->`);
  });
});

test('the claims of docs/scale.md about three rates hold', () => {
  const metBy = (way: Way, concurrency: number) => {
    const asked = { ...TYPICAL, way };
    const limits = limitsOf(runUsage(MEASURED, asked), 2, asked, setupOf());
    return limits.filter((limit) => (metAt(limit) ?? Number.POSITIVE_INFINITY) < concurrency);
  };
  expect(metBy('stream', 1)).toEqual([]);
  expect(metBy('background', 1)).toEqual([]);
  expect(metBy('stream', 100)).toEqual([]);
  expect(metBy('background', 100).map(({ what }) => what)).toEqual([expect.stringContaining('workers')]);
  const { generateMs, embedMs } = runUsage(MEASURED, TYPICAL);
  expect((generateMs + embedMs) / 1_000).toBeLessThan(3); // an account of 10 environments supports three a second
  expect((100 * generateMs) / 1_000).toBeLessThan(300);
  expect(60 * 10_000 * (TYPICAL.promptTokens + TYPICAL.outputTokens)).toBe(72_000_000);
});

describe('the runbook', () => {
  const [, runbook = ''] = pageOf('docs/operations.md').split(/^## Runbook.*$/m);
  const [section = ''] = runbook.split(/^## /m);
  const headings = [...section.matchAll(/^### (.+)$/gm)].flatMap(([, heading = '']) => heading.split(', '));

  test('has one heading for each alarm, and no other', () => {
    const alarms = readAlarms().map(({ name }) => name);
    expect(alarms.length).toBeGreaterThan(10);
    expect(headings.toSorted()).toEqual(alarms.toSorted());
  });
});
