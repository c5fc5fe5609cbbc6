import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { api, describePages, LIMIT_MS, openPage, problemsOf } from '../open-page.ts';

/** Opens a place while paths of the API that `path` matches are answered by `body`. */
const openAnswered = async (
  hash: string,
  path: RegExp,
  answer: { status?: number; body: string; contentType?: string },
): Promise<Page> => {
  const page = await openPage('#/nowhere');
  await page.route(
    (url) => path.test(url.pathname),
    (route) => route.fulfill({ status: 200, contentType: 'application/json', ...answer }),
  );
  await page.goto(new URL(hash, page.url()).href);
  await page.reload();
  return page;
};

const OTHER_SHAPES = ['{"message":"Internal server error"}', 'null', '[]', '{"checks":null}', '5', ''];

describePages('when the API, the network or the browser fails', () => {
  for (const body of OTHER_SHAPES)
    test(`health that is ${body || 'empty'} says that the API does not answer`, async () => {
      const page = await openAnswered('#/usage', /\/health$/, { status: 500, body });
      await page.getByText('No answer', { exact: true }).waitFor();
      await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
      expect(problemsOf(page).filter((problem) => !/status of 50\d/.test(problem))).toEqual([]);
      await page.context().close();
    });

  test('an answer of another shape takes its page alone, and another page opens', async () => {
    const { id } = await api.runs.create({ prompt: 'A run.', max_tokens: 3, index: false });
    for (const body of ['{"status":"completed"}', '[]', 'null', '{"data":null,"next_cursor":null}']) {
      const page = await openAnswered(`#/runs/${id}`, /\/runs\/run_[^/]+$/, { body });
      await page
        .getByRole('alert')
        .filter({ hasText: 'cannot show' })
        .or(page.locator('h1'))
        .first()
        .waitFor();
      await page.getByRole('link', { name: 'Usage' }).click();
      await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
      await page.context().close();
    }
  });

  test('a reader who has gone elsewhere stays there when a deletion ends', async () => {
    const { id } = await api.runs.create({ prompt: 'A run to delete.', max_tokens: 3, index: false });
    const page = await openPage(`#/runs/${id}`);
    const gate = Promise.withResolvers<void>();
    await page.route(
      (url) => url.pathname.endsWith(id),
      async (route) => {
        if (route.request().method() === 'DELETE') await gate.promise;
        await route.continue();
      },
    );
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const isDeleted = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.evaluate("location.hash = '#/usage'");
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
    gate.resolve();
    await (await isDeleted).finished();
    // By this answer the page has handled the one before it.
    await page.evaluate("fetch('health').then((answer) => answer.text())");
    expect(page.url()).toMatch(/#\/usage$/);
    await page.context().close();
  });

  test('a browser that keeps nothing for a page shows it all the same', async () => {
    const page = await openPage('#/nowhere');
    await page.addInitScript(`
      for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
    `);
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('button', { name: /Theme: system/ }).click();
    await page.getByRole('button', { name: /Theme: light/ }).waitFor();
    expect(problemsOf(page)).toEqual([]);
    await page.context().close();
  });
});

describePages('the API key', () => {
  /** Gives a key to the dialog that is open. */
  const give = async (page: Page, key: string): Promise<void> => {
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Use this key' }).click();
  };

  test('that is refused is asked for again where it was refused', async () => {
    const page = await openAnswered('#/runs', /\/runs$/, {
      status: 403,
      body: '{"code":"forbidden","title":"The API key is not accepted","detail":"unknown"}',
    });
    await page.getByRole('button', { name: 'Change the API key' }).last().click();
    await page.getByText('does not accept the present key').waitFor();
    await page.context().close();
  });

  test('with letters that no header carries is refused in words, and not sent', async () => {
    const page = await openPage('#/usage');
    await page.getByRole('button', { name: 'Give an API key' }).click();
    await give(page, 'ключ-ключ-ключ');
    await page.getByText('copy it again').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await give(page, 'a-key-of-sixteen');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('of another caller shows nothing that the former one has asked or read', async () => {
    const prompt = 'Only the first caller reads this.';
    const { id } = await api.runs.create({ prompt, max_tokens: 3, index: false });
    const page = await openPage('#/nowhere');
    await page.evaluate("sessionStorage.setItem('everytoken.key', 'the-first-key-of-all')");
    await page.reload();
    // The stack knows no callers, so that the network keeps the second key from the run.
    await page.route(
      (url) => url.pathname.includes(id),
      async (route) =>
        (await route.request().headerValue('authorization')) === 'Bearer the-first-key-of-all'
          ? route.continue()
          : route.fulfill({ status: 404, contentType: 'application/json', body: '{"code":"not_found"}' }),
    );
    const holds = () =>
      page.evaluate(
        `[document.body.innerText, ...Array.from(document.querySelectorAll('textarea'), ({ value }) => value)]
          .some((text) => text.includes(${JSON.stringify(prompt)}))`,
      );
    await page.goto(new URL(`#/playground?run=${id}`, page.url()).href);
    await expect.poll(holds, { timeout: LIMIT_MS }).toBe(true);
    await page.getByRole('button', { name: 'Change the API key' }).click();
    await give(page, 'the-second-key-of-all');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(holds, { timeout: LIMIT_MS }).toBe(false);
    await page.context().close();
  });
});
