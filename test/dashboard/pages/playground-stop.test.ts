import { expect, test } from 'vitest';
import { api, describePages, LIMIT_MS, openPage } from '../open-page.ts';

const prompts = { count: 0 };

/** The playground with a prompt of its own, and the runs that were made of it. */
const openPlayground = async () => {
  const prompt = `Question ${++prompts.count} of a reader who stops.`;
  const settings = JSON.stringify([{ label: 'long', max_tokens: 2_000 }]);
  const page = await openPage(`#/playground?${new URLSearchParams({ prompt, settings })}`);
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor({ timeout: LIMIT_MS });
  const runs = async () =>
    (await api.runs.list({ limit: 100 })).data.filter(({ prompt_preview }) => prompt_preview === prompt);
  return { page, runs };
};

describePages('stopping in the playground', () => {
  test('before the run has an id cancels it as soon as it has one', async () => {
    const { page, runs } = await openPlayground();
    const gate = Promise.withResolvers<void>();
    await page.route(
      (url) => url.pathname.endsWith('/runs'),
      async (route) => {
        if (route.request().method() === 'POST') await gate.promise;
        await route.continue();
      },
    );
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('stopped after 0 chunks').waitFor({ timeout: LIMIT_MS });
    gate.resolve();
    await expect
      .poll(async () => (await runs()).map(({ status }) => status), { timeout: LIMIT_MS })
      .toEqual(['cancelled']);
    await page.context().close();
  });

  test('is not what the second click of a double click on Run does', async () => {
    const { page, runs } = await openPlayground();
    await page.getByRole('button', { name: 'Run', exact: true }).dblclick();
    await expect
      .poll(async () => (await runs()).map(({ status }) => status), { timeout: LIMIT_MS })
      .toEqual([expect.stringMatching(/^(generated|completed)$/)]);
    await page.context().close();
  });
});

describePages('a run that the playground opens', () => {
  test('before it has ended shows its outputs when it has', async () => {
    const stream = api.runs.stream({ prompt: 'A run that is opened early.', max_tokens: 200, index: false });
    const ended = stream.finalRun();
    await expect.poll(() => stream.runId, { timeout: LIMIT_MS }).toBeDefined();
    const page = await openPage(`#/playground?run=${stream.runId}`);
    const { id } = await ended;
    const tokens = (await api.runs.trace(id)).chunks.length;
    await expect.poll(() => page.locator('.token').count(), { timeout: LIMIT_MS }).toBe(tokens);
    await page.context().close();
  });

  test('shows all of its outputs though the connection broke off in the middle', async () => {
    const { page, runs } = await openPlayground();
    // A proxy that ends the stream after its first event.
    await page.route(
      (url) => url.pathname.endsWith('/runs'),
      async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        const answer = await route.fetch({ timeout: LIMIT_MS });
        const body = (await answer.text()).split('\n\n').slice(0, 5).join('\n\n');
        await route.fulfill({ response: answer, body: `${body}\n\n` });
      },
    );
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect
      .poll(async () => (await runs())[0]?.status, { timeout: LIMIT_MS })
      .toMatch(/^(generated|completed)$/);
    const [run] = await runs();
    const tokens = (await api.runs.trace(run?.id ?? '')).chunks.length;
    await expect.poll(() => page.locator('.token').count(), { timeout: LIMIT_MS }).toBe(tokens);
    await page.context().close();
  });
});
