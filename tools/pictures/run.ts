import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { createClient } from '../../client/index.ts';
import { findChromium, startBrowser } from '../browser.ts';
import { copyCheckout } from '../copy-checkout.ts';
import { startTmux, type TmuxPane } from '../tmux.ts';
import { terminalPage } from './terminal-page.ts';

// `npm run pictures` draws the README's pictures from the real thing: it needs tmux, Chromium and port 3000, and some two minutes.

const ROOT = join(import.meta.dirname, '../..');
const IMAGES = join(ROOT, 'docs/images');
const DASHBOARD = 'http://127.0.0.1:3000/';
const COLUMNS = 108;
const LIMIT_MS = 240_000;

const drawTerminal = async (
  browser: Browser,
  name: string,
  command: string,
  pane: TmuxPane,
): Promise<void> => {
  const page = await browser.newPage({ deviceScaleFactor: 1 });
  await page.setContent(terminalPage(`\x1b[2m$ ${command}\x1b[0m\n${pane.styled()}`));
  await page.locator('pre').screenshot({ path: join(IMAGES, `${name}.png`) });
  await page.close();
};

const drawReport = async (browser: Browser, file: string): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1120, height: 1180 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path: join(IMAGES, 'report.png') });
  await page.close();
};

/** A page of the dashboard, once `act` has brought it to where it shows something. */
const drawPage = async (
  browser: Browser,
  name: string,
  address: string,
  act: (page: Page) => Promise<unknown>,
): Promise<string> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  page.setDefaultTimeout(LIMIT_MS);
  await page.goto(address);
  await act(page);
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  const url = page.url();
  await page.close();
  return url;
};

/** The tutorial's prompt under its two settings, twice each; then its run, and the newest comparison. */
const drawDashboard = async (browser: Browser): Promise<void> => {
  const playground = await drawPage(browser, 'playground', `${DASHBOARD}#/playground`, async (page) => {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('Open the run').nth(1).waitFor();
    await page.getByRole('button', { name: 'Probability' }).click();
    await page.locator('.token.tint-5').first().click();
    await page.locator('.step li').nth(4).waitFor();
    await page.evaluate('scrollTo(0, 0)');
  });
  const id = new URLSearchParams(playground.split('?')[1]).get('run');
  await drawPage(browser, 'run', `${DASHBOARD}#/runs/${id}?tab=timing`, (page) =>
    page.locator('.chart').first().waitFor(),
  );
  const { data } = await createClient({ baseUrl: DASHBOARD }).comparisons.list({ limit: 1 });
  await drawPage(browser, 'comparison', `${DASHBOARD}#/compare/${data[0]?.id}`, (page) =>
    page.locator('.chart').first().waitFor(),
  );
};

const chromium = findChromium();
if (chromium === undefined) throw new Error('there is no Chromium: install it, or set CHROMIUM_PATH');
const folder = mkdtempSync(join(tmpdir(), 'everytoken-pictures-'));
const panes: TmuxPane[] = [];
const open = (...words: string[]): TmuxPane => {
  const command = [process.execPath, join(folder, 'cli/everytoken.ts'), ...words];
  const pane = startTmux(command, { columns: COLUMNS, rows: 60 });
  panes.push(pane);
  return pane;
};
const browser = await startBrowser(chromium);
try {
  copyCheckout(folder);
  const demo = open('demo');
  await demo.ended(LIMIT_MS);
  await drawTerminal(browser, 'demo', 'npm run demo', demo);

  const start = open('start');
  await start.until(/Ctrl-C/, LIMIT_MS);
  const report = join(folder, 'report.html');
  const compare = open('compare', join(ROOT, 'docs/walkthroughs/comparison.yml'), '--yes', '--html', report);
  await compare.ended(LIMIT_MS);
  await drawReport(browser, report);
  await drawDashboard(browser);

  const files = { 'products.csv': 60, 'questions.csv': 150, 'letters.csv': 400 };
  for (const [name, count] of Object.entries(files)) {
    const rows = `prompt,max_tokens\n${'Describe a garden hose.,40\n'.repeat(count)}`;
    writeFileSync(join(folder, '.everytoken/drop', name), rows);
  }
  await start.until(/products.csv: 60 of 60[\s\S]*letters.csv .* [1-9]\d* of 400/, LIMIT_MS);
  await drawTerminal(browser, 'start', 'npm start', start);
} finally {
  await browser.close();
  for (const pane of panes) {
    pane.press('C-c');
    pane.close();
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
