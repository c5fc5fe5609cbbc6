import { expect, test } from 'vitest';
import { describePages, expectSound, openPage, tabTo, testEveryWay } from '../open-page.ts';

describePages('the frame of the dashboard', () => {
  testEveryWay('an address without a page offers the first one', {
    open: (how) => openPage('#/nowhere', how),
    holds: async (page) => {
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
      await expectSound(page);
    },
  });

  test('opens each page by its link, and says which is open', async () => {
    const page = await openPage('');
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('listitem').getByRole('link');
    const titles = await links.allTextContents();
    expect(titles).toEqual(['Playground', 'Runs', 'Compare', 'Search', 'Files', 'Usage']);
    for (const title of titles) {
      await links.getByText(title, { exact: true }).click();
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      expect(await page.locator('.nav [aria-current=page]').textContent()).toBe(title);
      expect(await page.title()).toBe(`${title} · everytoken`);
    }
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Files' }).waitFor();
    await page.context().close();
  });

  test('keeps the style of each page to its own elements, although it stays loaded', async () => {
    const page = await openPage('');
    for (const title of ['Runs', 'Compare', 'Search', 'Files', 'Usage']) {
      await page.getByRole('navigation').getByRole('link', { name: title }).click();
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
    }
    const { own, shared } = (await page.evaluate(`(() => {
      const selectorsOf = (rules) =>
        [...rules].flatMap((rule) => (rule.selectorText ? [rule.selectorText] : selectorsOf(rule.cssRules ?? [])));
      const sheets = [...document.styleSheets].map(({ cssRules }) => selectorsOf(cssRules));
      const isShared = (selectors) => selectors.includes('body');
      return { own: sheets.filter((each) => !isShared(each)).flat(), shared: sheets.filter(isShared).flat() };
    })()`)) as { own: string[]; shared: string[] };
    expect(shared.filter((selector) => selector.includes('data-page'))).toEqual([]);
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((selector) => !selector.startsWith(':where([data-page='))).toEqual([]);
    await page.context().close();
  });

  test('is worked by keys alone: / searches, g and a letter opens a page, ? lists the keys, Tab skips to the page', async () => {
    const page = await openPage('');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('vector databases');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/search\?q=vector\+databases$/);
    await page.reload();
    await tabTo(page, '.skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('page');
    await page.context().close();
  });

  test('begins a new page at its top, with the focus in it', async () => {
    const page = await openPage('', { width: 360 });
    await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor();
    await page.evaluate('scrollTo(0, 300)');
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Usage').click();
    await page.getByRole('heading', { level: 1, name: 'Usage' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('page');
    expect(await page.evaluate('scrollY')).toBe(0);
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('page');
    await page.context().close();
  });

  test('keeps the theme that the reader chose', async () => {
    const page = await openPage('', { theme: 'light' });
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await paper();
    await page.getByRole('button', { name: /Theme: system/ }).click();
    await page.getByRole('button', { name: /Theme: light/ }).click();
    await expect.poll(paper).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: /Theme: dark/ }).waitFor();
    await expect.poll(paper).not.toBe(light);
    await page.context().close();
  });
});
