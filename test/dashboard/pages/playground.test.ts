import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import {
  api,
  describePages,
  expectSound,
  LIMIT_MS,
  openPage,
  problemsOf,
  tabTo,
  testEveryWay,
} from '../open-page.ts';

/** An address with one short setting a label. */
const linkTo = (
  labels: readonly string[],
  more: Record<string, string> = {},
  fields: object = {},
): string => {
  const settings = labels.map((label) => ({ label, max_tokens: 12, seed: 7, ...fields }));
  const query = new URLSearchParams({
    prompt: 'Explain vector databases.',
    settings: JSON.stringify(settings),
    ...more,
  });
  return `#/playground?${query}`;
};

const runIt = async (page: Page, outputs: number): Promise<void> => {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page
    .getByRole('link', { name: 'Open the run' })
    .nth(outputs - 1)
    .waitFor({ timeout: LIMIT_MS });
};

const runIdIn = (page: Page): string => /run=([^&]+)/.exec(page.url())?.[1] ?? '';

describePages('the playground', () => {
  testEveryWay('streams two settings and opens a step', {
    open: async (how) => {
      const page = await openPage(linkTo(['Focused', 'Free'], { alternatives: '5' }), how);
      await runIt(page, 2);
      await page.locator('.token').first().click();
      return page;
    },
    holds: async (page) => {
      await page.getByRole('complementary', { name: /Step 1/ }).waitFor({ timeout: LIMIT_MS });
      await expectSound(page);
    },
  });

  test('shows what the record says: the text, its first token and time per token, and the cost', async () => {
    const page = await openPage(linkTo(['Only']));
    await runIt(page, 1);
    const run = await api.runs.get(runIdIn(page));
    const [generation] = run.generations;
    expect(await page.locator('.tokens').textContent()).toBe(generation?.text);
    const figures = await page.locator('.figures.four dd:not(.note)').allTextContents();
    const ttft = generation?.timing?.ttft_ms ?? Number.NaN;
    expect(figures[0]).toBe(`${ttft < 100 ? ttft.toFixed(1) : Math.round(ttft).toLocaleString('en-US')}ms`);
    expect(figures[2]).toMatch(/^\$0\.0/);
    expect(problemsOf(page)).toEqual([]);
    await page.context().close();
  });

  test('shows the diversity of samples once their vectors are there', async () => {
    const page = await openPage(linkTo(['Free'], { samples: '2' }, { seed: null, temperature: 1.5 }));
    await runIt(page, 2);
    const diversity = page.locator('.figures.four .figure').nth(3).locator('dd').first();
    await expect.poll(() => diversity.textContent(), { timeout: LIMIT_MS }).not.toBe('–');
    const run = await api.runs.get(runIdIn(page));
    expect(await diversity.textContent()).toBe(run.diversity?.by_label.Free?.embedding_diversity?.toFixed(3));
    await page.context().close();
  });

  test('places a token at three points: at the function, to the gateway, in the page', async () => {
    const page = await openPage(linkTo(['Only']));
    await runIt(page, 1);
    await page.locator('.token').nth(3).click();
    const points = page.locator('.points li b');
    await points.first().waitFor();
    const [atFunction = 0, toGateway = 0, inPage = 0] = (await points.allTextContents()).map(
      Number.parseFloat,
    );
    expect(toGateway).toBeGreaterThanOrEqual(atFunction - 0.1);
    expect(inPage).toBeGreaterThanOrEqual(toGateway - 0.1);
    await page.context().close();
  });

  test('shows the candidates of a token, the chosen one among them, and where top-k cuts', async () => {
    const page = await openPage(linkTo(['Only'], { alternatives: '5' }, { top_k: 2 }));
    await runIt(page, 1);
    await page.locator('.token').nth(2).click();
    const step = page.locator('.step');
    await step.getByText('top-k 2 cuts here').waitFor({ timeout: LIMIT_MS });
    expect(await step.locator('li:not(.cut)').count()).toBeGreaterThanOrEqual(5);
    expect(await step.locator('[aria-current=true]').count()).toBe(1);
    await page.context().close();
  });

  test('is worked by the keyboard alone: a prompt, Ctrl Enter, from token to token, the step', async () => {
    const page = await openPage(linkTo(['Only'], { alternatives: '5' }));
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    await tabTo(page, 'textarea');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Explain hash tables.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('link', { name: 'Open the run' }).waitFor({ timeout: LIMIT_MS });
    expect((await api.runs.get(runIdIn(page))).prompt).toBe('Explain hash tables.');
    await tabTo(page, '.tokens');
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
    await expect.poll(() => page.locator('#tip').textContent()).toMatch(/^Token 2 · "/);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: /^Step 2 of/ }).waitFor();
    await page.context().close();
  });

  test('stops: the run is cancelled, and what came stays', async () => {
    const page = await openPage(linkTo(['Only'], {}, { max_tokens: 4_000, seed: 1 }));
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('.token').nth(2).waitFor({ timeout: LIMIT_MS });
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(/stopped after/).waitFor();
    const run = await api.runs.wait(runIdIn(page), { until: 'completed', timeoutMs: LIMIT_MS });
    expect(run.status).toBe('cancelled');
    expect(await page.locator('.token').count()).toBeGreaterThan(2);
    await page.context().close();
  });

  test('names the field that the API refuses, at the field', async () => {
    const page = await openPage(linkTo(['Only'], {}, { top_p: 7 }));
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const field = page.getByLabel('Top-p');
    await page.locator('.field .wrong').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('.field .wrong').textContent()).toMatch(/from 0 to 1/);
    await field.fill('0.5');
    await runIt(page, 1);
    await page.context().close();
  });

  test('shows a run of the record again by its address, and asks for it anew from its form', async () => {
    const first = await openPage(linkTo(['A', 'B'], { samples: '2', alternatives: '5' }));
    await runIt(first, 4);
    const texts = await first.locator('.tokens').allTextContents();
    const again = await openPage(`#/playground?run=${runIdIn(first)}`);
    await again.getByRole('link', { name: 'Open the run' }).nth(3).waitFor({ timeout: LIMIT_MS });
    expect(await again.locator('.tokens').allTextContents()).toEqual(texts);
    expect(await again.getByLabel('Samples').inputValue()).toBe('2');
    expect(await again.locator('.setting .name').nth(1).inputValue()).toBe('B');
    await first.context().close();
    await again.context().close();
  });

  test('makes a text the first message, and leaves messages that are written as they are', async () => {
    const page = await openPage('#/playground?prompt=Explain%20trees.');
    await page.getByRole('button', { name: 'Messages' }).click();
    const message = page.getByLabel('Message 1', { exact: true });
    expect(await message.inputValue()).toBe('Explain trees.');
    await message.fill('Explain graphs.');
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByRole('button', { name: 'Messages' }).click();
    expect(await message.inputValue()).toBe('Explain graphs.');
    await page.context().close();
  });

  test('keeps its place while tokens arrive: nothing above or below a text moves', async () => {
    const page = await openPage(linkTo(['Only'], {}, { max_tokens: 60 }));
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    await page.getByText('All parts answer').waitFor(); // its words widen the bar whenever they come
    await page.evaluate(`{
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const { sources, hadRecentInput } of list.getEntries())
          if (!hadRecentInput) window.shifts.push(...sources.map(({ node }) => node?.outerHTML ?? node?.textContent));
      }).observe({ type: 'layout-shift' });
    }`);
    await page.locator('.token').first().waitFor({ state: 'detached' });
    await runIt(page, 1);
    expect(await page.evaluate('window.shifts')).toEqual([]);
    await page.context().close();
  });
});
