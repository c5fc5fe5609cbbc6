import OpenAI, { toFile } from 'openai';
import { beforeAll, expect, test } from 'vitest';
import {
  address,
  api,
  describePages,
  expectSound,
  LIMIT_MS,
  openPage,
  tabTo,
  testEveryWay,
} from '../open-page.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';
const DEFAULTS = { prompt: 'Explain {{name}} to {{audience}}.', max_tokens: 12 };
const TABLE = `name,audience\nqueues,engineers\ncaches,\nretries,"more, cells",too many\n${HOSTILE},<script>\n`;

const ended = async (id: string) => api.files.wait(id, { timeoutMs: LIMIT_MS });

describePages('a file', () => {
  let id = '';

  beforeAll(async () => {
    const file = await api.files.upload(TABLE, { filename: `${HOSTILE}.csv`, defaults: DEFAULTS });
    id = file.id;
    await ended(id);
  });

  testEveryWay('shows counts, failed rows with what to do, cost and results', {
    open: (how) => openPage(`#/files/${id}`, how),
    holds: async (page) => {
      await page.getByRole('heading', { level: 1, name: `${HOSTILE}.csv` }).waitFor();
      await page.getByText('Fill the cell, or remove the placeholder from the template.').waitFor();
      await page.getByText('Quote a cell that contains the delimiter.').waitFor();
      expect(await page.locator('.figure', { hasText: 'Answered' }).locator('dd').textContent()).toBe('2');
      expect(await page.evaluate("document.querySelectorAll('main :is(img, script)').length")).toBe(0);
      await expectSound(page);
    },
  });

  test('is followed while it is generated, tells its results so far, is stopped, and goes on by a retry', async () => {
    const rows = Array.from({ length: 600 }, (_, at) => `Explain queues, number ${at}.`);
    const file = await api.files.upload(`prompt\n${rows.map((row) => `"${row}"`).join('\n')}\n`, {
      filename: 'many.csv',
      defaults: { max_tokens: 200 },
    });
    const page = await openPage(`#/files/${file.id}`);
    await page.locator('.figure', { hasText: 'Answered' }).locator('dd', { hasText: /[1-9]/ }).waitFor();
    await page.getByRole('button', { name: 'Write those so far' }).click();
    const soFar = page.getByRole('link', { name: 'Table so far' });
    await soFar.waitFor();
    const partial = await fetch((await soFar.getAttribute('href')) ?? '');
    expect(await partial.text()).toContain('Explain queues, number');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it' }).click();
    await page.locator('.file-line .badge', { hasText: /^stopped$/ }).waitFor({ timeout: LIMIT_MS });
    await page.getByText('Retry generates these lines').waitFor();
    await page.getByRole('button', { name: 'Retry failed rows' }).click();
    await page.getByText(/a retry of file_/).waitFor();
    const retried = new URL(page.url()).hash.split('/').at(-1) ?? '';
    expect(retried).not.toBe(file.id);
    await page.locator('.figure', { hasText: 'Reused' }).locator('dd', { hasText: /[1-9]/ }).waitFor();
    // The rest of 600 rows would keep the stack busy for other tests.
    await api.files.remove(retried);
    await page.context().close();
  });

  test('is deleted with everything of it by keys alone, after a question', async () => {
    const file = await api.files.upload('Say hello.', { filename: 'hello.txt', defaults: { max_tokens: 5 } });
    await ended(file.id);
    const page = await openPage(`#/files/${file.id}`);
    await page.getByRole('link', { name: 'Answer' }).waitFor();
    await tabTo(page, '.page > header .danger');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'dialog .danger');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/files$/);
    await expect(api.files.get(file.id)).rejects.toMatchObject({ status: 410 });
    await page.goBack();
    await page.getByRole('heading', { name: 'This file was deleted' }).waitFor();
    await page.context().close();
  });

  test('of a batch for embeddings has vectors, and neither runs nor outputs', async () => {
    const openai = new OpenAI({ baseURL: new URL('v1', address).href, apiKey: 'any' });
    const ask = (custom_id: string, input: string) =>
      JSON.stringify({
        ...{ custom_id, method: 'POST', url: '/v1/embeddings' },
        body: { model: 'text-embedding-3-small', input },
      });
    const input = await openai.files.create({
      file: await toFile(Buffer.from(`${ask('a', 'A text.')}\n${ask('b', '')}\n`), 'texts.jsonl'),
      purpose: 'batch',
    });
    const batch = await openai.batches.create({
      ...{ input_file_id: input.id, endpoint: '/v1/embeddings', completion_window: '24h' },
    });
    const file = batch.id.replace('batch_', 'file_');
    await ended(file);
    const page = await openPage(`#/files/${file}`);
    await page.getByRole('link', { name: 'All figures' }).waitFor();
    expect(await page.locator('.figure', { hasText: 'Answered' }).locator('dd').textContent()).toBe('1');
    expect(await page.locator('.figure dt').allTextContents()).not.toContain('Outputs');
    expect(await page.getByRole('link', { name: 'its runs' }).count()).toBe(0);
    await page.context().close();
  });

  test('that was never there is not found', async () => {
    const page = await openPage('#/files/file_00000000000000000000000000');
    await page.getByRole('heading', { name: 'There is no such file' }).waitFor();
    await page.context().close();
  });

  test('leads to its runs', async () => {
    const page = await openPage(`#/files/${id}`);
    await page.getByRole('link', { name: 'its runs' }).click();
    await page.waitForURL(new RegExp(`#/runs\\?file=${id}$`));
    await page.context().close();
  });
});
