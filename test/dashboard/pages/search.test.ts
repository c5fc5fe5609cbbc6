import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { hrefOf } from '../../../dashboard/address.ts';
import { pollUntil } from '../../../tools/poll-until.ts';
import { api, describePages, expectSound, LIMIT_MS, openPage, tabTo, testEveryWay } from '../open-page.ts';

/** A stack that is used again has the outputs of earlier tests. */
const METADATA = { suite: randomUUID() };
const OWN = { 'metadata.suite': METADATA.suite };
const HOSTILE = '"><img src=x onerror=alert(1)>\u202e';
const OUTPUTS = 12;

const placeOf = (query: { [name: string]: string }): string => hrefOf(['search'], { ...OWN, ...query });

/** Waits until a search finds the outputs: their vectors are stored some seconds after them. */
const whenFound = async (): Promise<void> => {
  const found = async (): Promise<boolean> => {
    const { data } = await api.search({ query: 'vectors', top_k: 100, filter: OWN });
    return data.length >= OUTPUTS;
  };
  await pollUntil(`all ${OUTPUTS} outputs to be found`, found, LIMIT_MS, 500);
};

const noElementOfOutputs = async (page: Page): Promise<void> => {
  expect(await page.evaluate("document.querySelectorAll('main :is(img, script, iframe)').length")).toBe(0);
};

describePages('the search', () => {
  beforeAll(async () => {
    const prompts = ['Explain vector databases.', `Explain caches. ${HOSTILE}<script>alert(2)</script>`];
    const settings = ['short', HOSTILE].map((label) => ({ label, max_tokens: 60 }));
    await Promise.all(
      prompts.map((prompt) => api.runs.create({ prompt, settings, samples: 3, metadata: METADATA })),
    );
    await whenFound();
  });

  testEveryWay('shows outputs as a list and as a map, with the words marked', {
    open: (how) => openPage(placeOf({ q: 'a vector and its index', view: 'map' }), how),
    holds: async (page) => {
      await page.locator('.map [data-at]').first().waitFor();
      expect(await page.locator('.result').count()).toBe(OUTPUTS);
      expect(await page.locator('.map [data-at]').count()).toBe(OUTPUTS);
      const marks = await page.locator('.result mark').allTextContents();
      expect(marks.length).toBeGreaterThan(0);
      expect(marks.every((mark) => /^(vector|index)$/i.test(mark))).toBe(true);
      await expectSound(page);
    },
  });

  test('shows texts of others as texts', async () => {
    const page = await openPage(placeOf({ q: HOSTILE, view: 'map', label: HOSTILE }));
    await page.locator('.map [data-at]').first().waitFor();
    expect(await page.locator('.result').count()).toBe(OUTPUTS / 2);
    expect(await page.locator('.result .badge').first().textContent()).toBe(
      '"><img src=x onerror=alert(1)>\ufffd',
    );
    await noElementOfOutputs(page);
    await expectSound(page);
    await page.context().close();
  });

  test('is worked by keys alone: words, a filter, the map from output to output, the run of one', async () => {
    const page = await openPage('#/search');
    await page.getByRole('heading', { name: 'Find outputs by what they mean' }).waitFor();
    await tabTo(page, '.search-form input[name=q]');
    await page.keyboard.type('vector databases');
    await tabTo(page, '[aria-controls=search-filters]');
    await page.keyboard.press('Enter');
    await tabTo(page, 'input[name=metadata-key]');
    await page.keyboard.type('suite');
    await page.keyboard.press('Tab');
    await page.keyboard.type(METADATA.suite);
    await page.keyboard.press('Enter');
    await page.waitForURL(
      (url) => url.hash.includes(`q=vector+databases`) && url.hash.includes(METADATA.suite),
    );
    await page.locator('.result').first().waitFor();
    expect(await page.locator('.conditions').textContent()).toBe(`suite = ${METADATA.suite}`);
    await tabTo(page, '[aria-label=View] button:nth-child(2)');
    await page.keyboard.press('Enter');
    await page.locator('.map [data-at]').first().waitFor();
    await tabTo(page, '.map [data-at]');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.dataset.at')).toBe('2');
    const pointed = await page.locator('.pointed').textContent();
    const passage = await page.locator('.result').nth(2).locator('.text').textContent();
    expect(pointed?.replace(/\s+/g, ' ')).toContain(passage?.slice(0, 40).replace(/\s+/g, ' '));
    await page.keyboard.press('Enter');
    await page.waitForURL(/result=run_\w+%3A\d/);
    expect(await page.locator('.result').nth(2).getAttribute('aria-current')).toBe('true');
    expect(await page.evaluate('document.activeElement.dataset.at')).toBe('2');
    await tabTo(page, '.result.selected h2 a');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/runs\/run_\w+\?generation=\d$/);
    await page.context().close();
  });

  test('is the same in a link: the filters, the colours of the map and the selected output', async () => {
    const first = await openPage(placeOf({ q: 'caches', view: 'map' }));
    await first.locator('.map [data-at]').first().waitFor();
    await first.getByRole('button', { name: 'Model' }).click();
    await first.locator('.map [data-at="1"]').click();
    await first.locator('.result.selected').waitFor();
    const hash = new URL(first.url()).hash;
    const second = await openPage(hash);
    await second.locator('.result.selected').waitFor();
    await second.locator('.map [aria-selected=true]').waitFor();
    expect(await second.getByRole('button', { name: 'Model' }).getAttribute('aria-pressed')).toBe('true');
    const shapes = (page: Page) => page.locator('.map .chart').innerHTML();
    expect(await shapes(second)).toBe(await shapes(first));
    await Promise.all([first, second].map((page) => page.context().close()));
  });

  test('removes a condition by its button', async () => {
    const page = await openPage(placeOf({ q: 'caches', min_tokens: '100000' }));
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    await page.getByRole('button', { name: 'Remove the condition Tokens ≥ 100000' }).click();
    await page.locator('.result').first().waitFor();
    expect(page.url()).not.toContain('min_tokens');
    await page.context().close();
  });

  test('says which condition the API refuses', async () => {
    const page = await openPage(placeOf({ q: 'caches', min_tokens: 'many' }));
    const failure = page.getByRole('alert');
    await failure.waitFor();
    expect(await failure.textContent()).toContain('filter.min_tokens');
    await page.context().close();
  });

  test('says that an operator’s key reads no outputs', async () => {
    const page = await openPage('#/search');
    // The stack of these tests asks for no key, so that the refusal is written here.
    await page.route('**/search', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          title: 'Forbidden',
          status: 403,
          detail: 'an operator’s key',
          code: 'forbidden',
        }),
      }),
    );
    await page.locator('.search-form input[name=q]').fill('caches');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'This key may not read outputs' }).waitFor();
    await page.context().close();
  });
});
