import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { Comparison } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
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

const NAME = 'Two <script>document.title="evil"</script> \u202eways';
const LABEL = '<img src=x onerror="document.title=1">';
const PROMPT = 'Explain trees. <iframe src="javascript:alert(1)"></iframe>';

/** Elements that no text of others may become. */
const FOREIGN = 'document.querySelectorAll("img, iframe, main script, main bdi *").length';

describePages('the page of a comparison', () => {
  let comparison: Comparison;
  beforeAll(async () => {
    const { id } = await api.comparisons.create({
      name: NAME,
      prompts: [PROMPT, { messages: [{ role: 'user', content: 'Explain hashes.' }] }],
      settings: [
        { label: LABEL, temperature: 0.1 },
        { label: 'Free', temperature: 1.5 },
        { label: 'Same', temperature: 0.1 },
      ],
      samples: 3,
      // Long enough that a busy machine times it within 5 %: without any certain time a page has no chart of speed.
      max_tokens: 120,
      checks: [{ type: 'contains', value: 'e' }],
      objectives: { max_ttft_ms: 5_000 },
      metadata: { team: 'pages' },
    });
    comparison = await api.comparisons.wait(id);
  });

  testEveryWay('it shows verdict, figures, charts and differences', {
    open: (how) => openPage(`#/compare/${comparison.id}`, how),
    holds: async (page) => {
      await page
        .getByText(comparison.verdict?.summary.slice(0, 30) ?? '', { exact: false })
        .first()
        .waitFor();
      expect(shownLine(await page.getByRole('heading', { level: 1 }).innerText())).toBe(shownLine(NAME));
      await page.getByRole('img', { name: /^Speed, diversity and cost of/ }).waitFor();
      // A dot for each answer, and the middle.
      const tokens = page.getByRole('img', { name: /^Completion tokens:/ });
      await expect
        .poll(() => tokens.locator('circle').count(), { timeout: LIMIT_MS })
        .toBeGreaterThanOrEqual(comparison.progress.completed);
      expect(await page.evaluate(FOREIGN)).toBe(0);
      await expectSound(page);
    },
  });

  for (const how of [
    { width: 360, theme: 'dark' },
    { width: 1440, theme: 'light' },
  ] as const)
    test(`at ${how.width} px, ${how.theme}, its texts, method and JSON hold`, async () => {
      const page = await openPage(`#/compare/${comparison.id}?tab=texts`, how);
      await page.getByRole('heading', { name: 'Sample 3' }).waitFor();
      await expectSound(page);
      await page.getByRole('link', { name: 'Method' }).click();
      await page.getByText(/^Came to the same request as/).waitFor();
      await expectSound(page);
      await page.getByRole('link', { name: 'JSON' }).click();
      await page.getByRole('heading', { name: 'JSON' }).waitFor();
      await expectSound(page);
      expect(await page.evaluate(FOREIGN)).toBe(0);
      await page.context().close();
    });

  test('tells every figure as the API does, and that a setting came to the same request', async () => {
    const page = await openPage(`#/compare/${comparison.id}`);
    const rows = page.getByRole('region', { name: 'Settings and their figures' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(3);
    expect(await rows.nth(0).innerText()).toContain('<img src=x');
    expect(await rows.nth(2).innerText()).toContain('the same request as');
    for (const [at, { n, failed, objectives_met }] of comparison.settings.entries()) {
      const text = await rows.nth(at).innerText();
      expect(text).toContain(`${objectives_met} of ${n + failed}`);
    }
    const differences = page.getByRole('region', { name: 'Differences between settings' });
    expect(await differences.locator('tbody tr:not(.pair)').count()).toBe(comparison.differences.length);
    await page.context().close();
  });

  test('shows the texts of a prompt in columns as they are, by the keyboard; the address keeps the place', async () => {
    const page = await openPage(`#/compare/${comparison.id}`);
    await page.getByRole('link', { name: 'Texts' }).waitFor();
    await tabTo(page, '.tabs a:nth-child(2)');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sample 1' }).waitFor();
    expect(await page.locator('.asked').innerText()).toBe(PROMPT);
    await tabTo(page, '.choices select');
    await page.keyboard.press('ArrowDown');
    await page.getByText('user: Explain hashes.').waitFor();
    expect(page.url()).toContain('tab=texts&prompt=2');
    const block = comparison.texts
      ?.filter(({ prompt }) => prompt === 1)
      .toSorted((a, b) => a.block - b.block)[0];
    const columns = page.locator('.blocks > li').first().locator('.answer');
    expect(await columns.count()).toBe(3);
    for (const [at, { text }] of (block?.outputs ?? []).entries())
      expect(await columns.nth(at).locator('.text').textContent()).toBe(text);
    await page.context().close();
  });

  test('downloads the report as one file that opens by itself', async () => {
    const page = await openPage(`#/compare/${comparison.id}`);
    await page.getByRole('button', { name: 'Download the report' }).waitFor();
    const downloading = page.waitForEvent('download');
    await tabTo(page, '.page > header .end button:nth-child(2)');
    await page.keyboard.press('Enter');
    const folder = await mkdtemp(join(tmpdir(), 'report-'));
    const path = join(folder, 'report.html');
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(`${comparison.id}.html`);
    await download.saveAs(path);
    expect(await readFile(path, 'utf8')).not.toMatch(/<script|<img|<iframe/i);
    const report = await page.context().newPage();
    await report.goto(pathToFileURL(path).href);
    expect(shownLine(await report.getByRole('heading', { level: 1 }).innerText())).toBe(shownLine(NAME));
    expect(await report.locator('.summary').innerText()).toBe(shownLine(comparison.verdict?.summary ?? ''));
    expect(await report.locator('figure svg').count()).toBeGreaterThan(4);
    expect(await report.getByText(PROMPT).count()).toBeGreaterThan(0);
    expect(problemsOf(page)).toEqual([]);
    await page.context().close();
    await rm(folder, { recursive: true });
  });

  test('opens the builder with the same request', async () => {
    const page = await openPage(`#/compare/${comparison.id}`);
    await page.getByRole('button', { name: 'Build one like it' }).click();
    await page.getByRole('heading', { name: 'New comparison' }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Prompt 1' }).inputValue()).toBe(PROMPT);
    expect(await page.getByRole('textbox', { name: 'Text of message 1' }).inputValue()).toBe(
      'Explain hashes.',
    );
    expect(await page.getByLabel('Label of setting 1').inputValue()).toBe(LABEL);
    await page.getByText('18 answers in 6 blocks').waitFor();
    await page.context().close();
  });

  test('follows a comparison, cancels it and deletes it by the keyboard alone', async () => {
    const { id } = await api.comparisons.create({
      prompts: Array.from({ length: 10 }, (_, at) => `Explain ${at} trees.`),
      settings: [
        { label: 'A', temperature: 0.1 },
        { label: 'B', temperature: 1 },
      ],
      samples: 6,
      max_tokens: 300,
      index: false,
    });
    const page = await openPage(`#/compare/${id}`);
    await page.getByRole('progressbar', { name: 'Blocks done' }).waitFor();
    await expect
      .poll(async () => Number(await page.getByRole('progressbar').getAttribute('value')), {
        timeout: LIMIT_MS,
      })
      .toBeGreaterThan(0);
    await tabTo(page, '.progress button');
    await page.keyboard.press('Enter');
    await page.getByText('Blocks that had not begun will not').waitFor();
    expect((await api.comparisons.get(id, { texts: 'false' })).stopped).toMatchObject({ code: 'cancelled' });
    await tabTo(page, '.button.danger');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete this comparison?' }).waitFor();
    await tabTo(page, 'dialog .button.danger');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
    await expect(api.comparisons.get(id)).rejects.toMatchObject({ status: 410 });
    await page.context().close();
  });

  test('says that there is none, with a way to the others', async () => {
    const page = await openPage('#/compare/cmp_00000000000000000000000000');
    await page.getByRole('heading', { name: 'There is no such comparison' }).waitFor();
    await page.getByRole('link', { name: 'All comparisons' }).waitFor();
    await page.context().close();
  });
});
