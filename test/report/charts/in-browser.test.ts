import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrivalChart } from '../../../report/charts/arrival-chart.ts';
import type { Chart, ChartSize } from '../../../report/charts/draw-chart.ts';
import { gapHistogram } from '../../../report/charts/gap-histogram.ts';
import { mapChart } from '../../../report/charts/map-chart.ts';
import { timeChart } from '../../../report/charts/time-chart.ts';
import { STYLE } from '../../../report/style.ts';
import { findChromium, startBrowser } from '../../../tools/browser.ts';
import { document } from './drawing-document.ts';

const chromium = findChromium();
const PADDING = 16;

const chunks = Array.from({ length: 300 }, (_, at) => ({
  t_ms: 182 + at * 11 + (at >= 120 ? 312 : 0),
  tokens: 1,
}));
const gaps = chunks.slice(1).map(({ t_ms }, at) => t_ms - (chunks[at]?.t_ms ?? 0));
const models = ['everytoken-ngram', 'gpt-5-mini', 'claude-haiku', 'llama-3.3-70b', 'mistral-small', 'qwen-3'];
const days = Array.from({ length: 90 }, (_, at) =>
  new Date(Date.UTC(2026, 8, 2 + at)).toISOString().slice(0, 10),
);
const groups = models.map((label, place) => ({
  label,
  values: days.map((_, at) => ((at * 7 + place * 13) % 11 === 0 ? null : 1000 * (1 + ((at + place) % 9)))),
}));

const CHARTS: Record<string, (size: ChartSize) => Chart> = {
  'the arrival chart': (size) =>
    arrivalChart(
      {
        lines: models.slice(0, 4).map((label, at) => ({
          label,
          at,
          chunks: chunks.map(({ t_ms, tokens }) => ({ t_ms: t_ms * (1 + at / 8), tokens })),
          gaps: [{ chunk: 120, gap_ms: 323 * (1 + at / 8) }],
        })),
        now: 1500,
      },
      size,
    ),
  'the gap histogram': (size) =>
    gapHistogram(
      [{ label: 'A setting with a rather long name', at: 0, gaps, p50: 11, p90: 11, p99: 11 }],
      size,
    ),
  'bars over time': (size) =>
    timeChart(
      {
        buckets: days,
        step: 'day',
        groups,
        as: 'bars',
        yLabel: 'tokens a day',
        description: 'Tokens by day.',
      },
      size,
    ),
  'lines over time': (size) =>
    timeChart(
      {
        buckets: days,
        step: 'day',
        groups,
        as: 'lines',
        yLabel: 'mean time, ms',
        description: 'Time by day.',
      },
      size,
    ),
  'the map': (size) =>
    mapChart(
      {
        points: Array.from({ length: 100 }, (_, at) => ({
          x: Math.cos(at) * at,
          y: Math.sin(at) * at,
          group: models[at % models.length] ?? '',
          title: `output ${at}`,
        })),
        selected: 3,
        description: 'Outputs by meaning.',
      },
      size,
    ),
};

describe.skipIf(chromium === undefined)('charts in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(chromium ?? '');
  });
  afterAll(() => browser?.close());

  for (const viewport of [360, 1100])
    for (const colorScheme of ['light', 'dark'] as const)
      for (const [name, draw] of Object.entries(CHARTS))
        test(`${name} at ${viewport} px, ${colorScheme}: no text is cut or on another, and axe finds nothing`, async () => {
          const page = await browser.newPage({ viewport: { width: viewport, height: 900 }, colorScheme });
          const svg = draw({ document, width: viewport - 2 * PADDING }).outerHTML;
          await page.setContent(
            `<!doctype html><html lang="en"><title>chart</title><style>${STYLE} body { padding: 0 ${PADDING}px; max-width: none }</style><main><h1>Chart</h1>${svg}</main>`,
          );
          const boxes = (await page.evaluate(
            `[...document.querySelectorAll('svg text')].flatMap((text) => {
              const { left, right, top, bottom } = text.getBoundingClientRect();
              return text.textContent === '' ? [] : [{ left, right, top, bottom, text: text.textContent }];
            })`,
          )) as { left: number; right: number; top: number; bottom: number; text: string }[];
          expect(boxes.length).toBeGreaterThan(3);
          expect(boxes.filter(({ left, right }) => left < 0 || right > viewport)).toEqual([]);
          const covered = boxes.flatMap((a, at) =>
            boxes
              .slice(at + 1)
              .filter(
                (b) =>
                  a.left < b.right - 1 &&
                  b.left < a.right - 1 &&
                  a.top < b.bottom - 4 &&
                  b.top < a.bottom - 4,
              )
              .map((b) => `${a.text} / ${b.text}`),
          );
          expect(covered).toEqual([]);
          await page.evaluate(axe.source);
          const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
          expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
          await page.close();
        });
});
