import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { dollars } from '../../../../report/figures.ts';
import { api, describePages, expectSound, openPage, tabTo, testEveryWay } from '../../open-page.ts';

/** A key of metadata that no other test has: the stack is shared. */
const KEY = `tenant_${randomUUID().slice(0, 8)}`;
const HOSTILE = '<img src=x onerror=alert(1)>\u202e';
const HERE = `#/usage?by=metadata&key=${KEY}`;

describePages('the page Usage', () => {
  beforeAll(async () => {
    for (const [tenant, max_tokens] of [
      ['acme', 8],
      ['acme', 12],
      ['globex', 30],
      [HOSTILE, 4],
    ] as const)
      await api.runs.create({ prompt: 'Explain vector databases.', max_tokens, metadata: { [KEY]: tenant } });
  });

  testEveryWay("it fits, axe finds nothing, and a tenant's name is text", {
    open: (how) => openPage(HERE, how),
    holds: async (page) => {
      await page.getByRole('rowheader', { name: '<img src=x onerror=alert(1)>' }).waitFor();
      await page.locator('.chart-place svg').waitFor();
      await page.getByRole('heading', { name: 'Last sweep' }).waitFor();
      await expectSound(page);
    },
  });

  test('shows the figures that the API has summed, group by group', async () => {
    const { groups } = await api.usage({ group_by: `metadata.${KEY}` });
    const acme = groups.find(({ key }) => key === 'acme');
    expect(acme).toMatchObject({ requests: 2, failed_requests: 0 });
    const page = await openPage(HERE);
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'acme', exact: true }) });
    await row.waitFor();
    const cells = await row.getByRole('cell').allTextContents();
    const heads = await page.locator('.usage-table').getByRole('columnheader').allTextContents();
    const cell = (head: string) => cells[heads.indexOf(head) - 1];
    expect([cell('Requests'), cell('Completion tokens'), cell('Failed requests')]).toEqual([
      '2',
      String(acme?.completion_tokens),
      '0',
    ]);
    expect(cell('First token, ms')).toBe(Math.round(acme?.mean_ttft_ms ?? -1).toLocaleString('en-US'));
    expect(cell('Cost')).toBe(dollars(acme?.cost_usd ?? null));
    const name = await page.locator('.chart-place [role=img]').getAttribute('aria-label');
    expect(name).toContain(`acme ${(acme?.prompt_tokens ?? 0) + (acme?.completion_tokens ?? 0)};`);
    await page.context().close();
  });

  test('keeps every choice in the address, and opens from it', async () => {
    const page = await openPage('#/usage');
    await page.getByRole('button', { name: '30d' }).click();
    await page.getByLabel('Group by').selectOption('Metadata key');
    await page.getByRole('heading', { name: /Name a key of metadata/ }).waitFor();
    await page.getByRole('textbox', { name: 'Key' }).fill(KEY);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'First token' }).click();
    await page.getByRole('rowheader', { name: 'globex' }).waitFor();
    const chosen = { period: '30d', by: 'metadata', key: KEY, figure: 'mean_ttft_ms' };
    const inAddress = () => Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.split('?')[1]));
    expect(inAddress()).toEqual(chosen);
    await page.reload();
    await page.getByText('mean time to first token, ms').waitFor();
    await page.getByText(/no sum of the time per token, of percentiles or of cold and warm/).waitFor();
    expect(await page.getByRole('button', { name: '30d' }).getAttribute('aria-pressed')).toBe('true');
    expect(inAddress()).toEqual(chosen);
    await page.getByRole('button', { name: 'Dates' }).click();
    await page.getByLabel('First day').waitFor();
    const today = new Date().toISOString().slice(0, 10);
    expect(await page.getByLabel('Last day').inputValue()).toBe(inAddress().until);
    expect([today, inAddress().until]).toContain(inAddress().until);
    await page.context().close();
  });

  test('says what is wrong with dates before it asks, and that a time has no runs', async () => {
    const page = await openPage(`#/usage?period=own&since=2026-11-02&until=2026-11-01`);
    await page.getByRole('heading', { name: 'The first day is after the last one.' }).waitFor();
    await expectSound(page);
    await page.getByLabel('First day').fill('2026-10-31');
    await page.getByRole('heading', { name: 'No runs in this time' }).waitFor();
    await expectSound(page);
    await page.context().close();
  });

  test('tells the definition of a column to those who have no mouse', async () => {
    const page = await openPage(HERE);
    await page.getByRole('rowheader', { name: 'globex' }).waitFor();
    await tabTo(page, '.usage-table .term');
    await page.getByRole('tooltip').getByText('Runs that were created in this time').waitFor();
    await page.context().close();
  });

  test('gives the table as CSV', async () => {
    const page = await openPage(HERE);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^usage-metadata-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
    // The browser is another process: it gives the file by stream alone.
    let text = '';
    for await (const part of await download.createReadStream()) text += String(part);
    const asked = await api.usageCsv({ since: '7d', group_by: `metadata.${KEY}` });
    // Runs without the key are of other tests, and more of them come meanwhile.
    const own = (csv: string) => csv.split('\n').filter((row) => !row.startsWith(','));
    expect(own(text)).toEqual(own(asked));
    expect(own(text).join()).toContain('globex');
    await page.context().close();
  });

  test('keeps what it shows when the API is away, says so, and recovers', async () => {
    const page = await openPage(HERE);
    await page.getByRole('rowheader', { name: 'globex' }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Refresh' }).click();
    const failure = page.getByRole('alert').filter({ hasText: 'the usage could not be read again' });
    await failure.waitFor();
    expect(await page.getByRole('rowheader', { name: 'globex' }).count()).toBe(1);
    await page.context().setOffline(false);
    await failure.getByRole('button', { name: 'Try again' }).click();
    await failure.waitFor({ state: 'detached' });
    await page.context().close();
  });
});
