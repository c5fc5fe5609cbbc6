import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createClient, type Everytoken } from '../../../client/index.ts';
import { findChromium, startBrowser } from '../../browser.ts';
import { exitOnSignal, readFlags, UsageError, wholeNumber } from '../../command.ts';
import { START, spawnStackGroup } from '../../stack-group.ts';
import { type PacedServer, startPacedServer } from './paced-server.ts';
import { beginFrames, endFrames, type Frames, paintOf } from './probes.ts';

const USAGE =
  'usage: npm run bench -- dashboard [--parts first,two,long,list] [--rounds 15] [--tokens 10000] [--runs 10000]';

const PARTS = ['first', 'two', 'long', 'list'] as const;
type Part = (typeof PARTS)[number];

/** `two`: two settings at 200 tokens a second each. `long`: one output of --tokens tokens at 500 a second. */
const TWO_TOKENS = 1_000;
const LONG_RATE = 500;
const LIMIT_MS = 600_000;
const SCROLLS = 60;
const SCROLL_PX = 1_500;

type Rig = {
  page: Page;
  api: Everytoken;
  dashboard: string;
  server: PacedServer;
  tokens: number;
  rounds: number;
  runs: number;
};

/**
 * `npm run bench -- dashboard`: how the dashboard keeps up, in Chromium, with the packaged functions under the local stack
 * and a model server that emits a token an event at a steady rate. Frames are counted by
 * requestAnimationFrame while tokens arrive and while lists scroll.
 */
export const run = async (args: string[]): Promise<number> => {
  const text = { type: 'string' } as const;
  const flags = readFlags(
    args,
    {
      parts: { ...text, default: PARTS.join() },
      rounds: { ...text, default: '15' },
      tokens: { ...text, default: '10000' },
      runs: { ...text, default: '10000' },
    },
    USAGE,
  );
  const parts = partsOf(flags.parts);
  const rounds = wholeNumber('rounds', flags.rounds, { least: 1, most: 1_000, usage: USAGE });
  const tokens = wholeNumber('tokens', flags.tokens, { least: 100, most: 100_000, usage: USAGE });
  const runs = wholeNumber('runs', flags.runs, { least: 100, most: 100_000, usage: USAGE });
  const chromium = findChromium();
  if (chromium === undefined) return 1;
  exitOnSignal();

  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  const closers: (() => Promise<unknown> | unknown)[] = [];
  try {
    const server = await startPacedServer();
    closers.push(() => server.close());
    const stack = await spawnStackGroup(START, dataDir, {
      PROVIDERS: JSON.stringify({ paced: { base_url: server.url, api_key: 'none' } }),
      EVERYTOKEN_LOCAL_PACE: '0',
    });
    closers.push(() => stack.kill());
    const browser = await startBrowser(chromium);
    closers.push(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(LIMIT_MS);
    const { api, dashboard } = stack.file;
    const client = createClient({ baseUrl: api });
    for (const part of parts)
      await MEASURES[part]({ page, api: client, dashboard, server, rounds, tokens, runs });
    return 0;
  } finally {
    for (const close of closers.toReversed()) await close();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
};

const partsOf = (text: string): Part[] =>
  text.split(',').map((name) => {
    const part = PARTS.find((each) => each === name);
    if (part === undefined) throw new UsageError(`--parts: there is no part "${name}"\n${USAGE}`);
    return part;
  });

/** The playground with a request in its address. */
const openPlayground = async (
  { page, dashboard }: Rig,
  models: readonly string[],
  max_tokens: number,
): Promise<void> => {
  const settings = models.map((model, at) => ({ label: `Setting ${at + 1}`, model, max_tokens }));
  const query = new URLSearchParams({
    prompt: 'Explain vector databases.',
    settings: JSON.stringify(settings),
    alternatives: '0',
  });
  await page.goto('about:blank');
  await page.goto(`${dashboard}/#/playground?${query}`);
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  // The page first reads the models and the health of all parts.
  await page.waitForLoadState('networkidle');
};

const ended = (page: Page, count: number) =>
  page
    .getByRole('link', { name: 'Open the run' })
    .nth(count - 1)
    .waitFor();

/** From the click to the frame that shows the first token, less the model's own time from request to first token. */
const measureFirst = async (rig: Rig): Promise<void> => {
  const beyond: number[] = [];
  for (let round = 0; round <= rig.rounds; round++) {
    await openPlayground(rig, ['paced/rate-200'], 40);
    const painted = await rig.page.evaluate(paintOf('Run', '.token'));
    await ended(rig.page, 1);
    if (round > 0) beyond.push(Number(painted) - rig.server.newestFirstMs()); // the first one starts a function
  }
  const sorted = beyond.toSorted((a, b) => a - b);
  print('prompt to first visible token, beyond the model', {
    median: sorted[Math.floor(sorted.length / 2)],
    worst: sorted.at(-1),
    n: sorted.length,
  });
};

const measureTwo = async (rig: Rig): Promise<void> => {
  await openPlayground(rig, ['paced/rate-200', 'paced/rate-200'], TWO_TOKENS);
  printFrames(
    'two settings at 200 tokens/s each, 1,000 tokens',
    await framesWhile(rig.page, async () => {
      await rig.page.getByRole('button', { name: 'Run', exact: true }).click();
      await ended(rig.page, 2);
    }),
  );
};

const measureLong = async (rig: Rig): Promise<void> => {
  const { page } = rig;
  await openPlayground(rig, [`paced/rate-${LONG_RATE}`], rig.tokens);
  printFrames(
    `a long output at ${LONG_RATE} tokens/s`,
    await framesWhile(page, async () => {
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await ended(page, 1);
    }),
  );
  const tokens = await page.locator('.token').count();
  printFrames(
    `  its ${tokens.toLocaleString('en')} tokens tinted anew`,
    await framesWhile(page, async () => {
      await page.getByRole('button', { name: 'Plain' }).click();
      await page.getByRole('button', { name: 'Gaps' }).click();
    }),
  );
  const href = await page.getByRole('link', { name: 'Open the run' }).first().getAttribute('href');
  const id = /runs\/([^?]+)/.exec(href ?? '')?.[1];
  for (const [tab, shown] of [
    ['texts', '.text'],
    ['tokens', '.token'],
    ['timing', '.chart'],
  ]) {
    await page.goto(`${rig.dashboard}/#/runs/${id}?tab=${tab}`);
    await page.locator(`main ${shown}`).first().waitFor();
    printFrames(`  its ${tab}: scrolled`, await framesWhile(page, () => scroll(page)));
  }
};

const measureList = async (rig: Rig): Promise<void> => {
  const { page, api, runs } = rig;
  const lines = Array.from({ length: runs }, (_, at) =>
    JSON.stringify({ prompt: `Line ${at}`, max_tokens: 1 }),
  );
  const file = await api.files.upload(`${lines.join('\n')}\n`, { filename: 'many.jsonl' });
  await api.files.wait(file.id, { timeoutMs: LIMIT_MS });
  await page.goto('about:blank');
  await page.goto(`${rig.dashboard}/#/runs`);
  await page.locator('.runs-place [aria-rowindex]').nth(1).waitFor();
  printFrames(
    `a list of ${runs.toLocaleString('en')} runs, scrolled from its top to its end`,
    await framesWhile(page, async () => {
      for (let seen = -1; ; ) {
        await scroll(page);
        const place = Number(await page.evaluate('scrollY'));
        if (place === seen) return;
        seen = place;
      }
    }),
  );
};

/** By the wheel, over the middle of the window, as a hand does. */
const scroll = async (page: Page): Promise<void> => {
  await page.mouse.move(700, 500);
  for (let turn = 0; turn < SCROLLS; turn++) {
    await page.mouse.wheel(0, SCROLL_PX);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
  }
};

const framesWhile = async (page: Page, act: () => Promise<void>): Promise<Frames> => {
  await page.evaluate(beginFrames);
  await act();
  return (await page.evaluate(endFrames)) as Frames;
};

const MEASURES: { [Name in Part]: (rig: Rig) => Promise<void> } = {
  first: measureFirst,
  two: measureTwo,
  long: measureLong,
  list: measureList,
};

const print = (what: string, figures: { [name: string]: number | undefined }): void =>
  console.log(
    `${what}: ${Object.entries(figures)
      .map(([name, value]) => `${name} ${name === 'n' ? value : `${value?.toFixed(1)} ms`}`)
      .join(', ')}`,
  );

const printFrames = (what: string, { count, longest, p99, over }: Frames): void =>
  console.log(
    `${what}: longest frame ${longest.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${over} of ${count} over 50 ms`,
  );
