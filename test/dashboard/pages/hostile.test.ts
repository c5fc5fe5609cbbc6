import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Run } from '../../../client/index.ts';
import { HOSTILE_TEXTS, type HostileModel } from '../hostile-server.ts';
import { api, describePages, LIMIT_MS, openPage, problemsOf } from '../open-page.ts';

const MODELS = Object.keys(HOSTILE_TEXTS) as HostileModel[];
/** Hostile words of the caller's own, too: prompts, labels and names come from other people's files. */
const LABEL = '<b onclick="window.broken = 1">label</b>';

/** Expects that no part of a text has become a part of the page. */
const expectText = async (page: Page): Promise<void> => {
  expect(await page.evaluate('window.broken')).toBeUndefined();
  const made = await page.evaluate(
    `document.querySelectorAll('main script, main img, main form[action], main iframe, main [onclick], main [onerror], main a[href^="javascript"], .markdown [data-tip], .markdown [aria-hidden], .markdown [class], .markdown [id]').length`,
  );
  expect(made).toBe(0);
  expect(await page.locator('main').count()).toBe(1);
  // The policy would have stopped a request or a script, and said so.
  expect(problemsOf(page)).toEqual([]);
};

describePages('outputs that are hostile', () => {
  const runs = new Map<HostileModel, Run>();

  beforeAll(async () => {
    for (const model of MODELS)
      runs.set(
        model,
        await api.runs.create({
          prompt: `<script>window.broken = "prompt"</script> ${model}`,
          settings: [{ label: LABEL, model: `hostile/${model}` }],
          metadata: { hostile: model },
          index: model !== 'long',
        }),
      );
    for (const [model, { id }] of runs) if (model !== 'long') await api.runs.wait(id, { until: 'completed' });
  });

  const idOf = (model: HostileModel): string => runs.get(model)?.id ?? '';

  for (const model of MODELS) {
    test(`${model}: text in the playground`, async () => {
      const page = await openPage(`#/playground?run=${idOf(model)}`);
      await page.locator('.token').first().waitFor({ timeout: LIMIT_MS });
      await expectText(page);
      await page.context().close();
    });

    test(`${model}: text on the page of its run, as Markdown too`, async () => {
      const page = await openPage(`#/runs/${idOf(model)}`);
      await page.locator('main .text').first().waitFor({ timeout: LIMIT_MS });
      await expectText(page);
      const markdown = page.getByText('Markdown', { exact: true }).first();
      if ((await markdown.count()) > 0) {
        await markdown.click();
        if (model === 'html') await page.getByText('<svg onload=').first().waitFor({ timeout: LIMIT_MS });
        if (model === 'markdown') await page.locator('.markdown h1').waitFor({ timeout: LIMIT_MS });
        await expectText(page);
      }
      await page.context().close();
    });
  }

  test('text in the list of runs, its previews and labels', async () => {
    const page = await openPage('#/runs');
    await page.locator('.virtual a').first().waitFor({ timeout: LIMIT_MS });
    await expectText(page);
    await page.context().close();
  });

  test('text among the results of a search', async () => {
    const page = await openPage(`#/search?${new URLSearchParams({ q: 'Your key has expired' })}`);
    await page.getByText('Your key has expired').first().waitFor({ timeout: LIMIT_MS });
    await expectText(page);
    await page.context().close();
  });

  test('text in a comparison', async () => {
    const { id } = await api.comparisons.create({
      name: '<img src=x onerror="window.broken = 2">',
      prompts: ['<script>window.broken = 3</script>'],
      settings: [
        { label: LABEL, model: 'hostile/html' },
        { label: 'bidi \u202E', model: 'hostile/bidi' },
      ],
      samples: 2,
    });
    await api.comparisons.wait(id, { timeoutMs: LIMIT_MS });
    const page = await openPage(`#/compare/${id}`);
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: LIMIT_MS });
    await page.waitForLoadState('networkidle');
    await expectText(page);
    await page.context().close();
  });

  test('text in a file, its name and its refused lines', async () => {
    const { id } = await api.files.upload('prompt,max_tokens\n<img src=x onerror=window.broken=4>,0\n', {
      filename: '<img src=x onerror=window.broken=5>.csv',
    });
    await api.files.wait(id, { timeoutMs: LIMIT_MS });
    for (const hash of ['#/files', `#/files/${id}`]) {
      const page = await openPage(hash);
      await page.getByText('onerror=window.broken=5').first().waitFor({ timeout: LIMIT_MS });
      await expectText(page);
      await page.context().close();
    }
  });

  test('text in usage, where labels stand as groups', async () => {
    const page = await openPage('#/usage?group=label');
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: LIMIT_MS });
    await page.waitForLoadState('networkidle');
    await expectText(page);
    await page.context().close();
  });
});
