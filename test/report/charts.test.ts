import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import type { ChartDocument } from '../../report/charts/draw-chart.ts';
import { type ChartRow, rowChart } from '../../report/charts/row-chart.ts';
import { type ChartPoint, tradeOffChart } from '../../report/charts/trade-off-chart.ts';

const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as {
  document: ChartDocument;
};

const row = (own: Partial<ChartRow> = {}): ChartRow => ({
  label: 'Focused',
  at: 0,
  values: [],
  middle: null,
  interval: null,
  text: '',
  note: '',
  ...own,
});

const rows = (all: ChartRow[], width = 800) =>
  rowChart({ rows: all, description: 'times', format: String }, { document, width });

const point = (own: Partial<ChartPoint> = {}): ChartPoint => ({
  label: 'Focused',
  at: 0,
  x: 100,
  xInterval: null,
  y: 0.2,
  yInterval: null,
  size: null,
  note: '',
  ...own,
});

const tradeOff = (points: ChartPoint[], width = 800) =>
  tradeOffChart(
    { points, xLabel: 'time', yLabel: 'diversity', description: 'both', formatX: String, formatY: String },
    { document, width },
  );

const textsOf = (chart: ReturnType<typeof rows>): string[] =>
  [...chart.querySelectorAll('text')].map(({ textContent }) => textContent);

test('a row has a small dot for each value, and a large one with its interval', () => {
  const chart = rows([row({ values: [1, 2, 3], middle: 2, interval: [1, 3] })]);
  expect(chart.querySelectorAll('circle[r="2"]').length).toBe(3);
  expect(chart.querySelectorAll('[stroke-linecap="round"] path, path[stroke-linecap="round"]').length).toBe(
    1,
  );
});

test('a row without values is still drawn', () => {
  expect(textsOf(rows([row({ label: 'Nobody' })])).join()).toContain('Nobody');
});

test('one far outlier makes the scale logarithmic, and the chart says so', () => {
  const values = Array.from({ length: 20 }, (_, at) => 100 + at);
  expect(textsOf(rows([row({ values, middle: 110 })]))).not.toContain('logarithmic scale');
  expect(textsOf(rows([row({ values: [...values, 9000], middle: 110 })]))).toContain('logarithmic scale');
});

test('ticks have more digits where they would read alike', () => {
  const format = (value: number, more = 0) => value.toFixed(1 + more);
  const ticksOf = (values: number[]) =>
    textsOf(
      rowChart(
        { rows: [row({ label: '', values, middle: 11.1 })], description: 'times', format },
        { document, width: 800 },
      ),
    ).filter((text) => text !== '');
  expect(ticksOf([11.1, 11.2])).toEqual(['11.10', '11.12', '11.14', '11.16', '11.18', '11.20']);
  expect(ticksOf([10, 12]).every((tick) => /^\d+\.\d$/.test(tick))).toBe(true);
});

test('a chart has a name for those who do not see it, and neither styles nor scripts', () => {
  for (const chart of [rows([row({ values: [1], middle: 1 })]), tradeOff([point()])]) {
    expect(chart.getAttribute('role')).toBe('img');
    expect(chart.getAttribute('aria-label')).toMatch(/times|both/);
    expect(chart.outerHTML).not.toMatch(/<style|style=|<script|#[0-9a-f]{3,6}"/i);
  }
});

test('the area of a mark is in proportion to its third figure', () => {
  const chart = tradeOff([point({ size: 4 }), point({ size: 2, x: 200, at: 1 })]);
  const [large, small] = [...chart.querySelectorAll('circle')].map((each) => Number(each.getAttribute('r')));
  expect(((large ?? 0) / (small ?? 1)) ** 2).toBeCloseTo(2, 1);
});

test('labels that would cover each other are left out', () => {
  const crowd = Array.from({ length: 16 }, (_, at) => point({ at, label: `S${at}`, x: 100 + at / 100 }));
  const shown = textsOf(tradeOff([...crowd, point({ x: 400, y: 0.9, label: 'Alone' })], 340));
  expect(shown).toContain('Alone');
  expect(shown.filter((text) => /^S\d+$/.test(text)).length).toBeLessThan(8);
});

test('more settings than colours have other shapes', () => {
  const chart = tradeOff([point(), point({ at: 8, x: 200 })]);
  const marks = [...chart.querySelectorAll('[fill="var(--series-0)"]')];
  expect(new Set(marks.map((mark) => mark.outerHTML.includes('<circle'))).size).toBe(2);
});

test('hostile labels are text', () => {
  const label = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  for (const chart of [rows([row({ label, middle: 1 })]), tradeOff([point({ label })])]) {
    expect(chart.querySelectorAll('script, img').length).toBe(0);
    expect(chart.outerHTML).not.toContain('<script');
  }
});
