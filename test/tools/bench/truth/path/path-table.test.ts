import { expect, test } from 'vitest';
import { pathLines, transitOf } from '../../../../../tools/bench/truth/path/path-results.ts';
import { pathHeadings, pathTables } from '../../../../../tools/bench/truth/path/path-table.ts';
import { conditionOf, sampleOf } from './samples.ts';

const condition = conditionOf({ start: 'cold', memoryMb: 512 });

const tables = () => {
  const samples = [
    sampleOf({ bare: 'idle' }, { ttft: 0.1, gaps: [0.02] }),
    sampleOf(conditionOf(), { ttft: 1.1, tpot: 0.004, gaps: [0.52], e2e: 3 }, { uncertaintyMs: 4 }),
    sampleOf(condition, { ttft: 2.1 }, { throttling: { periods: 8, throttled: 2, waitedMs: 20 } }),
  ];
  return pathTables(pathLines(samples, [conditionOf(), condition], transitOf(samples)), samples);
};

test('the bare client stands above the tables with its raw errors, each condition below with those beyond it', () => {
  const rows = tables().map((row) => row.trim().split(/\s{2,}/));
  const raw = ['0.10', '0.10*', '0.00', '0.00*', '0.000', '0.000*', '0.02', '0.02*', '0.00', '0.00*', '1'];
  const beyond = ['1.00', '1.00*', '0.00', '0.00*', '0.004', '0.004*', '0.50', '0.50*', '3.00', '3.00*', '1'];
  expect(rows[0]).toEqual(['bare client', ...raw]);
  expect(rows.slice(1, 4)).toEqual([
    [''],
    ['warm · no limit of CPU'],
    ['/runs streamed', ...beyond, '–', '100%', '4.00', '0'],
  ]);
});

test('a row shows the throttled share and points out starts that were not cold', () => {
  const last = tables().at(-1) ?? '';
  expect(last).toMatch(/ 25% .* ! 1 not cold$/);
  expect(last.indexOf('25%') + 3).toBe((pathHeadings()[1] ?? '').indexOf('throttled') + 'throttled'.length);
});
