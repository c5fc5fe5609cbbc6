import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** The shell first: it draws the same pages, and opens one at half the cost, since it has no window around them. */
const USUAL = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Where Chromium is: CHROMIUM_PATH, or a usual path; undefined, with a printed message, where there is none. */
export const findChromium = (): string | undefined => {
  const path = [process.env.CHROMIUM_PATH, ...USUAL].find((each) => each && existsSync(each));
  if (path === undefined)
    console.warn('skipped: no Chromium on this machine; install it, or set CHROMIUM_PATH to its program');
  return path;
};

/**
 * As root Chromium has no sandbox: the pages are the tests' own. Debian's would draw by the graphics card, which a machine
 * without one emulates, at several times the cost of drawing without.
 */
export const BROWSER_ARGS = ['--no-sandbox', '--disable-gpu'];

/** Starts a headless Chromium. */
export const startBrowser = async (executablePath: string): Promise<Browser> => {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: BROWSER_ARGS });
};
