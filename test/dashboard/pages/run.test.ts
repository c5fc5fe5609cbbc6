import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Run } from '../../../client/index.ts';
import { api, describePages, expectSound, LIMIT_MS, openPage, tabTo, testEveryWay } from '../open-page.ts';

const LIMIT = { timeout: LIMIT_MS };
const metadata = { team: 'one-run' };
const HOSTILE = '<script>window.hit = 1</script><img src=x onerror="window.hit = 1">\u202etxet';

const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor(LIMIT);
const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Parts of the run' }).getByRole('link', { name, exact: true });

describePages('the page of a run', () => {
  let run: Run;
  beforeAll(async () => {
    run = await api.runs.create({
      prompt: `Explain queues. ${HOSTILE}`,
      max_tokens: 30,
      top_logprobs: 5,
      samples: 2,
      metadata: { ...metadata, [HOSTILE.slice(0, 60)]: HOSTILE },
      settings: [
        { label: HOSTILE.slice(0, 60), temperature: 0.2, top_k: 3 },
        { label: 'warm', temperature: 1 },
      ],
      checks: [{ type: 'contains', value: HOSTILE }],
    });
    run = await api.runs.wait(run.id, { until: 'completed' });
  });

  testEveryWay('every part fits, and hostile texts and names are text', {
    open: (how) => openPage(`#/runs/${run.id}`, how),
    holds: async (page) => {
      await heading(page, /^Explain queues/);
      const title = await page.getByRole('heading', { level: 1 }).textContent();
      expect(title).toContain('<script>window.hit = 1</script>');
      expect(title).not.toContain('\u202e');
      await expectSound(page);
      for (const [name, shown] of [
        ['Tokens', '.tokens .token'],
        ['Timing', '.chart-place svg'],
        ['Settings and cost', '.sampling'],
        ['Similar', '.matches, .state'],
        ['JSON', '.raw'],
        ['Texts', 'article .text'],
      ] as const) {
        await tab(page, name).click();
        await page.locator(shown).first().waitFor(LIMIT);
        await expectSound(page);
      }
      expect(await page.evaluate('window.hit')).toBeUndefined();
      expect(await page.locator('main :is(script, img)').count()).toBe(0);
    },
  });

  test('shows the texts of all outputs side by side, and marks the words that differ from the one chosen', async () => {
    const page = await openPage(`#/runs/${run.id}?compare=2`);
    const outputs = page.getByRole('article');
    await outputs.first().waitFor(LIMIT);
    const shown = await outputs.locator('.text').allTextContents();
    expect(shown).toEqual(run.generations.map(({ text }) => text));
    expect(await outputs.nth(2).locator('mark').count()).toBe(0);
    await page.getByLabel('Mark words that differ from').selectOption('none');
    expect(await page.locator('main mark').count()).toBe(0);
    await page.getByRole('button', { name: 'Markdown' }).click();
    await page.locator('.markdown').first().waitFor(LIMIT);
    await expectSound(page);
    await page.context().close();
  });

  test('opens the step of a token by keys alone, in a link that shows the same again', async () => {
    const page = await openPage(`#/runs/${run.id}?tab=tokens`);
    await page.locator('.tokens .token').first().waitFor(LIMIT);
    await tabTo(page, '.tokens');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForURL(/token=1/);
    const step = page.getByRole('complementary', { name: 'Step' });
    await step.getByText('chosen').waitFor(LIMIT);
    expect(await step.getByText('top-k 3').count()).toBeGreaterThan(0);
    await page.reload();
    await step.getByText('chosen').waitFor(LIMIT);
    await expectSound(page);
    await page.context().close();
  });

  test('plays an output again: it begins empty, can be paused and moved, and ends whole', async () => {
    const page = await openPage(`#/runs/${run.id}?tab=tokens`);
    const token = page.locator('.tokens .token');
    await token.first().waitFor(LIMIT);
    const whole = await token.count();
    const time = page.getByRole('slider', { name: 'Time since the request' });
    await time.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => token.count(), LIMIT).toBe(0);
    await page.keyboard.press('PageUp');
    expect(Number(await time.inputValue())).toBeGreaterThan(0);
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Play' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Pause' }).waitFor(LIMIT);
    await page.getByRole('button', { name: 'Max' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor(LIMIT);
    expect(await token.count()).toBe(whole);
    await page.context().close();
  });

  test('names the longest gaps, each with a link to its token', async () => {
    const page = await openPage(`#/runs/${run.id}?tab=timing`);
    const gaps = page.locator('.longest-gaps li');
    await gaps.first().waitFor(LIMIT);
    const { longest_gaps } = await api.runs.trace(run.id, 0);
    expect(await gaps.count()).toBeGreaterThanOrEqual(Math.min(5, longest_gaps.length));
    await gaps.first().getByRole('link').click();
    await page.locator('.token.selected').waitFor(LIMIT);
    await page.context().close();
  });

  test('follows a run until it has ended', async () => {
    const { id } = await api.runs.createInBackground({
      prompt: 'Follow me.',
      max_tokens: 60,
      metadata,
      index: false,
    });
    const page = await openPage(`#/runs/${id}`);
    await heading(page, 'Follow me.');
    await page.locator('.run-header').getByText('completed').waitFor(LIMIT);
    const { generations } = await api.runs.get(id);
    await page
      .getByRole('article')
      .getByText(generations[0]?.text?.slice(0, 30) ?? '')
      .waitFor(LIMIT);
    await page.context().close();
  });

  test('shows a run that failed with its reason and attempts, and calls of tools as text', async () => {
    const failed = await api.runs
      .create({
        prompt: 'Fails.',
        metadata,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { type: 'object', not: {} } },
        },
      })
      .catch((error: { run: Run }) => error.run);
    const page = await openPage(`#/runs/${failed.id}?tab=timing`);
    await page.getByRole('alert').getByText('Invalid schema').waitFor(LIMIT);
    await page
      .getByRole('row', { name: /attempt 1/ })
      .getByText('400')
      .waitFor(LIMIT);
    await expectSound(page);
    await page.context().close();

    const called = await api.runs.create({
      prompt: 'How is the weather?',
      max_tokens: 60,
      index: false,
      metadata,
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
      ],
    });
    const other = await openPage(`#/runs/${called.id}`);
    await other.getByRole('list', { name: 'Calls of tools' }).getByText('get_weather').waitFor(LIMIT);
    await expectSound(other);
    await other.context().close();
  });

  test('says plainly that texts are not stored, that a run was deleted, and that there is none', async () => {
    const secret = await api.runs.create({ prompt: 'Secret', max_tokens: 5, store: false, metadata });
    const page = await openPage(`#/runs/${secret.id}`);
    await heading(page, 'A run whose texts are not stored');
    await page.getByText('is not stored').first().waitFor(LIMIT);
    expect(await page.getByRole('link', { name: 'Run again' }).count()).toBe(0);
    await expectSound(page);
    await page.context().close();
    const absent = await openPage('#/runs/run_none');
    await absent.getByRole('heading', { name: /no such run|could not be read/ }).waitFor(LIMIT);
    await absent.context().close();
  });

  test('deletes a run after asking, by keys alone', async () => {
    const { id } = await api.runs.create({ prompt: 'Delete me.', max_tokens: 3, index: false, metadata });
    const page = await openPage(`#/runs/${id}`);
    await heading(page, 'Delete me.');
    await tabTo(page, '.button.danger');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Delete this run?' });
    await dialog.waitFor(LIMIT);
    await expectSound(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await api.runs.get(id)).status).toBe('completed');
    await page.keyboard.press('Enter');
    await tabTo(page, 'dialog .button.danger');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor(LIMIT);
    const gone = await openPage(`#/runs/${id}`);
    await gone.getByRole('heading', { name: 'This run was deleted' }).waitFor(LIMIT);
    await gone.context().close();
    await page.context().close();
  });

  test('shows a conversation with its earlier run, and a text of hundreds of kilobytes in parts', async () => {
    const first = await api.runs.create({ prompt: 'Begin.', max_tokens: 5, index: false, metadata });
    const line = `${HOSTILE} `.repeat(5_000);
    const second = await api.runs.create({
      messages: [
        { role: 'user', content: 'Begin.' },
        { role: 'assistant', content: first.generations[0]?.text ?? '' },
        { role: 'user', content: line },
      ],
      max_tokens: 5,
      index: false,
      metadata,
      conversation: first.id,
    });
    const page = await openPage(`#/runs/${second.id}`);
    const more = page.getByRole('button', { name: /^Show all/ });
    await more.waitFor(LIMIT);
    await expectSound(page);
    await more.click();
    await expect
      .poll(async () => (await page.locator('main').textContent())?.length, LIMIT)
      .toBeGreaterThan(line.length);
    expect(await page.evaluate('window.hit')).toBeUndefined();
    await tab(page, 'Settings and cost').click();
    const belongs = page.getByRole('region', { name: 'Metadata and conversation' });
    await belongs.getByText('Conversation', { exact: true }).waitFor(LIMIT);
    if (second.previous_run !== null)
      await belongs.getByRole('link', { name: first.id }).first().waitFor(LIMIT);
    await page.context().close();
  });
});
