import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Run } from '../../../client/index.ts';
import { api, describePages, expectSound, LIMIT_MS, openPage, tabTo, testEveryWay } from '../open-page.ts';

const LIMIT = { timeout: LIMIT_MS };
/** Metadata that only these runs have: other files of tests share the stack. */
const TEAM = `list-of-runs-${Date.now()}`;
const HERE = `metadata.team=${TEAM}`;
const HOSTILE = '<script>window.hit = 1</script><img src=x onerror="window.hit = 1">\u202etxet';

const make = (prompt: string, more: Partial<Parameters<typeof api.runs.create>[0]> = {}): Promise<Run> =>
  api.runs.create({ max_tokens: 4, index: false, metadata: { team: TEAM }, ...more, prompt, messages: null });

const rows = (page: Page) => page.getByRole('table', { name: 'Runs' }).locator('tbody').getByRole('row');
const titles = (page: Page) => rows(page).getByRole('link').allTextContents();
const shows = (page: Page, text: string) => rows(page).getByRole('link', { name: text }).waitFor(LIMIT);

describePages('the list of runs', () => {
  beforeAll(async () => {
    await make('First of the list');
    await make('A longer answer', { max_tokens: 40 });
    await make(HOSTILE, {
      metadata: { team: TEAM, [HOSTILE.slice(0, 60)]: HOSTILE },
      settings: [{ label: HOSTILE.slice(0, 60) }, { label: 'plain' }],
    });
    await make('Last of the list');
  });

  testEveryWay('shows runs with hostile names as text', {
    open: (how) => openPage(`#/runs?${HERE}&follow=off`, how),
    holds: async (page) => {
      await shows(page, 'First of the list');
      await expectSound(page);
      expect(await page.evaluate('window.hit')).toBeUndefined();
      expect(await rows(page).locator('script, img').count()).toBe(0);
      expect(await titles(page)).toContain(HOSTILE.replace('\u202e', '\u{fffd}'));
    },
  });

  test('is worked by keys alone: j, k and the arrows go from run to run, Enter opens one', async () => {
    const page = await openPage(`#/runs?${HERE}&follow=off`);
    await shows(page, 'First of the list');
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('j');
    expect(await focused()).toBe('Last of the list');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('A longer answer');
    await page.keyboard.press('k');
    await page.keyboard.press('Home');
    expect(await focused()).toBe('Last of the list');
    await page.keyboard.press('End');
    expect(await focused()).toBe('First of the list');
    await page.reload();
    await shows(page, 'First of the list');
    await tabTo(page, '.runs tbody a');
    expect(await focused()).toBe('Last of the list');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Last of the list' }).waitFor(LIMIT);
    await page.context().close();
  });

  test('sorts by a click on a heading, says so, and keeps it in the address', async () => {
    const page = await openPage(`#/runs?${HERE}&follow=off`);
    await shows(page, 'First of the list');
    const heading = page.getByRole('columnheader', { name: 'Tokens' });
    expect(await heading.getAttribute('aria-sort')).toBe('none');
    await heading.getByRole('button').click();
    await page.waitForURL(/sort=-tokens/);
    await expect.poll(async () => (await titles(page))[0], LIMIT).toBe('A longer answer');
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    await heading.getByRole('button').click();
    await page.waitForURL(/sort=tokens/);
    await expect.poll(async () => (await titles(page)).at(-1), LIMIT).toBe('A longer answer');
    expect(await page.getByRole('checkbox', { name: 'Follow' }).isDisabled()).toBe(true);
    await page.context().close();
  });

  test('filters by fields that a link has, clears them, and shows what the API refuses', async () => {
    const page = await openPage(`#/runs?${HERE}&follow=off&label=plain&min_tokens=1`);
    await expect.poll(() => rows(page).count(), LIMIT).toBe(1);
    expect(await page.getByLabel('Label').inputValue()).toBe('plain');
    expect(await page.getByLabel('Metadata').inputValue()).toBe(`team=${TEAM}`);
    await page.getByLabel('Label').fill('nobody has this');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No run meets these filters' }).waitFor(LIMIT);
    await page.getByLabel('Since').last().fill('yesterday');
    await page.keyboard.press('Enter');
    const failure = page.getByRole('alert');
    await failure.waitFor(LIMIT);
    expect(await failure.textContent()).toContain('since');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL(/#\/runs\?follow=off$/);
    await rows(page).first().waitFor(LIMIT);
    await page.context().close();
  });

  test('lets new runs wait while a row has the focus, and shows how an open run goes on', async () => {
    const own = `${TEAM}-followed`;
    const metadata = { team: own };
    await make('The one before', { metadata });
    const page = await openPage(`#/runs?metadata.team=${own}`);
    await shows(page, 'The one before');
    await page.keyboard.press('j');
    const { id } = await api.runs.createInBackground({ prompt: 'The new one', max_tokens: 3, metadata });
    await page.getByRole('button', { name: '1 new run' }).waitFor(LIMIT);
    expect(await titles(page)).toEqual(['The one before']);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('The one before');
    await page.getByRole('button', { name: '1 new run' }).click();
    await shows(page, 'The new one');
    expect(await titles(page)).toEqual(['The new one', 'The one before']);
    await api.runs.wait(id, { until: 'completed' });
    await rows(page).first().getByText('completed').waitFor(LIMIT);
    await page.context().close();
  });

  test('offers the runs of its filters as a table', async () => {
    const page = await openPage(`#/runs?${HERE}&follow=off`);
    const [download] = await Promise.all([
      page.waitForEvent('download', LIMIT),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('runs.csv');
    const table = await download.createReadStream();
    let text = '';
    for await (const part of table) text += String(part);
    expect(text.split('\n')[0]).toContain('run_id');
    expect(text).toContain('First of the list');
    await page.context().close();
  });

  test('says how a run comes to be where there is none', async () => {
    const page = await openPage('#/runs?metadata.team=nobody');
    await page.getByRole('heading', { name: 'No run meets these filters' }).waitFor(LIMIT);
    await expectSound(page);
    await page.context().close();
  });
});
