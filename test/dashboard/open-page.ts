import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { createClient, type Everytoken } from '../../client/index.ts';

const shared = inject('dashboard');

/** Describes tests of pages; they are skipped where there is no Chromium. */
export const describePages = describe.skipIf(shared === null);

/** Of the stack that the pages show, with a slash at the end. */
export const address = shared?.address ?? '';

/** A client of the stack that the pages show. Files of tests share the stack: give what you make metadata of its own. */
export const api: Everytoken = createClient({ baseUrl: shared?.address ?? 'http://127.0.0.1:0' });

export type How = { width: number; theme: 'light' | 'dark' };

/** Every width and theme in which pages must hold. */
const EVERY_WAY: readonly How[] = [360, 768, 1440].flatMap((width) =>
  (['light', 'dark'] as const).map((theme) => ({ width, theme })),
);

const HEIGHT = 900;

/** For whatever a test of a page awaits. It never takes as long, except where many programs share the machine's cores. */
export const LIMIT_MS = 120_000;

let browser: Promise<Browser> | undefined;
const problems = new WeakMap<Page, string[]>();
const themes = new WeakMap<Page, How['theme']>();

afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

/** Opens a place of the dashboard, such as `#/runs`, in a tab of its own. `problemsOf` has what goes wrong in it. */
export const openPage = async (
  hash: string,
  { width = 1440, theme = 'light' }: Partial<How> = {},
): Promise<Page> => {
  browser ??= chromium.connect(shared?.browser ?? '');
  // Animations would be at any instant when axe measures contrasts. axe itself needs to pass the page's policy.
  const context = await (await browser).newContext({
    viewport: { width, height: HEIGHT },
    colorScheme: theme,
    reducedMotion: 'reduce',
    bypassCSP: false,
  });
  context.setDefaultTimeout(LIMIT_MS);
  const page = await context.newPage();
  const found: string[] = [];
  problems.set(page, found);
  themes.set(page, theme);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) found.push(message.text());
  });
  page.on('pageerror', (error) => found.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.hostname !== new URL(address).hostname && url.protocol !== 'data:' && url.protocol !== 'blob:')
      found.push(`asked for ${request.url()}`);
  });
  await page.goto(`${address}${hash}`);
  return page;
};

/**
 * Tests a place of the dashboard at every width and in every theme, in one tab that changes them, as a reader does who
 * turns a phone: loading a page anew takes ten times as long. `open` opens it and does what leads to what is tested;
 * `holds` is expected each time, and may find what the time before has left.
 */
export const testEveryWay = (
  title: string,
  { open, holds }: { open: (how: How) => Promise<Page>; holds: (page: Page) => Promise<void> },
): void => {
  let opened: Promise<Page> | undefined;
  for (const how of EVERY_WAY)
    test(`at ${how.width} px, ${how.theme}, ${title}`, async () => {
      opened ??= open(how);
      const page = await opened;
      await page.setViewportSize({ width: how.width, height: HEIGHT });
      await page.emulateMedia({ colorScheme: how.theme });
      themes.set(page, how.theme);
      try {
        await holds(page);
      } catch (error) {
        opened = undefined;
        throw error;
      }
      if (how === EVERY_WAY.at(-1)) await page.context().close();
    });
};

/** Errors and warnings of the console, refused by the policy or thrown, and requests to other hosts. */
export const problemsOf = (page: Page): readonly string[] => problems.get(page) ?? [];

/**
 * The ways in which axe looks at a page: both layouts and both themes. It takes a second a page, and finds the same in the
 * other ways: its rules are about the document, and contrast is about the theme.
 */
const AXE_WAYS: ReadonlySet<string> = new Set(['360 light', '1440 dark']);

/** For what a page draws anew after a change of width or theme: axe may look at it in the middle of that. */
const SETTLES_MS = 15_000;

const expectAccessible = async (page: Page): Promise<void> => {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const violations = async (): Promise<string[]> => {
    // The reports of rules that hold would take longer to make than the rules to check.
    const found = (await page.evaluate(
      "axe.run({ resultTypes: ['violations'], elementRef: false })",
    )) as axe.AxeResults;
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
    );
  };
  await expect.poll(violations, { timeout: SETTLES_MS, interval: 500 }).toEqual([]);
};

/**
 * Expects that a page fits its window, has had no problem, and, in both layouts and both themes, that axe finds
 * nothing.
 *
 * @param expected problems that the browser itself notes, such as a refused request
 */
export const expectSound = async (page: Page, expected?: RegExp): Promise<void> => {
  const width = page.viewportSize()?.width ?? 0;
  // Charts are drawn anew in the frame after a change of width.
  await expect
    .poll(() => page.evaluate('document.documentElement.scrollWidth'), { timeout: LIMIT_MS })
    .toBeLessThanOrEqual(width);
  if (AXE_WAYS.has(`${width} ${themes.get(page)}`)) await expectAccessible(page);
  expect(problemsOf(page).filter((problem) => !expected?.test(problem))).toEqual([]);
};

/** Presses Tab until the focus is on an element that `selector` matches, as a reader without a mouse does. */
export const tabTo = async (page: Page, selector: string, most = 120): Promise<void> => {
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
  }
  throw new Error(`${most} presses of Tab have not reached ${selector}`);
};
