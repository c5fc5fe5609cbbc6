import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describePages, LIMIT_MS, openPage, problemsOf } from '../open-page.ts';

/** Runs a function's body in the page, with what it may read as `given`. */
const inPage = (page: Page, body: string, given: unknown = null): Promise<unknown> =>
  page.evaluate(`(async (given) => {${body}})(${JSON.stringify(given)})`);

describePages('the policy of the dashboard', () => {
  test('lets the page upload a file to the content bucket, and read its results', async () => {
    const page = await openPage('#/files');
    const answer = await inPage(
      page,
      `
      const text = '{"prompt": "Explain trees."}\\n{"prompt": "Explain graphs."}\\n';
      const asked = await fetch('files', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ filename: 'policy.jsonl', size_bytes: text.length, defaults: { max_tokens: 5 } }),
      });
      const { id, upload, ...problem } = await asked.json();
      if (!asked.ok) return problem;
      const put = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: text });
      if (!put.ok) return await put.text();
      const end = Date.now() + given;
      for (;;) {
        const file = await (await fetch('files/' + id, { headers: { prefer: 'wait=10' } })).json();
        if (file.status === 'completed') {
          const results = await fetch(file.downloads.jsonl);
          const lines = (await results.text()).trim().split('\\n').map((line) => JSON.parse(line).status);
          return { status: results.status, etag: put.headers.get('etag') !== null, lines };
        }
        if (Date.now() > end) return file;
      }
      `,
      LIMIT_MS,
    );
    expect(answer).toEqual({ status: 200, etag: true, lines: ['completed', 'completed'] });
    expect(problemsOf(page)).toEqual([]);
    await page.context().close();
  });

  test('lets it ask no one else, not even the object store for another bucket', async () => {
    const page = await openPage('#/');
    const policy = (await page.request.get(page.url())).headers()['content-security-policy'] ?? '';
    const bucket = /connect-src 'self' (\S+);/.exec(policy)?.[1] ?? '';
    const others = ['https://elsewhere.example/', new URL('../another/', bucket).href];
    const seen = await inPage(
      page,
      `
      const refused = [];
      const all = new Promise((resolve) => {
        addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
          refused.push([effectiveDirective, blockedURI]);
          if (refused.length === given.length) resolve();
        });
      });
      const answers = await Promise.allSettled(given.map((url) => fetch(url)));
      await all;
      return { refused: refused.sort(), answered: answers.filter(({ status }) => status === 'fulfilled').length };
      `,
      others,
    );
    expect(seen).toEqual({ refused: others.toSorted().map((url) => ['connect-src', url]), answered: 0 });
    await page.context().close();
  });

  test('lets no text become a script or a style', async () => {
    const page = await openPage('#/');
    const seen = await inPage(
      page,
      `
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.isRun = true">');
      const hasFailed = new Promise((resolve) => document.body.lastElementChild.addEventListener('error', resolve));
      const script = document.createElement('script');
      script.textContent = 'window.isRun = true';
      const style = document.createElement('style');
      style.textContent = 'body { visibility: hidden }';
      document.body.append(script, style);
      await hasFailed;
      let evaluated = false;
      try { evaluated = (0, eval)('true'); } catch {}
      return [window.isRun ?? false, getComputedStyle(document.body).visibility, evaluated];
      `,
    );
    expect(seen).toEqual([false, 'visible', false]);
    await page.context().close();
  });
});
