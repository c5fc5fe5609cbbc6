import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { parseHTML } from 'linkedom';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparisonReport, type ReportInput } from '../../report/comparison-report.ts';
import { findChromium, startBrowser } from '../../tools/browser.ts';
import { drawnComparison } from './drawn-comparison.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('the report in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  let folder: string;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everytoken-report-'));
    const { document } = parseHTML('<!doctype html><html><body></body></html>');
    const drawn = drawnComparison({
      labels: ['Focused', 'Free', 'Top-k 40', '<script>document.title = "broken"</script>'],
      samples: 10,
    });
    const report = await comparisonReport({
      ...drawn,
      deployment: 'local stack',
      document: document as unknown as ReportInput['document'],
    });
    await writeFile(join(folder, 'report.html'), report);
    address = pathToFileURL(join(folder, 'report.html')).href;
    browser = await startBrowser(chromium ?? '');
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const width of [1280, 390])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`at ${width} px, ${colorScheme}, it fits, has no error and axe finds nothing`, async () => {
        // The page's policy allows no script: axe is let in past it.
        const context = await browser.newContext({
          viewport: { width, height: 900 },
          colorScheme,
          bypassCSP: true,
        });
        const page = await context.newPage();
        const problems: string[] = [];
        page.on('console', (message) => problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('request', (request) => {
          if (request.url() !== address) problems.push(`asked for ${request.url()}`);
        });
        await page.goto(address);
        expect(await page.title()).toBe('Focused or free? · everytoken comparison');
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect((await page.locator('.wide:visible').count()) > 0).toBe(width > 640);
        expect((await page.locator('.narrow:visible').count()) > 0).toBe(width <= 640);
        await page.evaluate(
          'for (const details of document.querySelectorAll("details")) details.open = true',
        );
        await page.evaluate(axe.source);
        const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        expect(problems).toEqual([]);
        await context.close();
      });

  test('its own style sheet is the one that its policy allows', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(address);
    expect(await page.evaluate('getComputedStyle(document.querySelector(".bests")).display')).toBe('grid');
    expect(problems).toEqual([]);
    await page.close();
  });

  test('it prints on pages that cut nothing off, in light colours', async () => {
    const page = await browser.newPage({ viewport: { width: 688, height: 900 }, colorScheme: 'dark' });
    await page.goto(address);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(688);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });
});
