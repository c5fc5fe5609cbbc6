import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../../client/index.ts';
import { runEverytoken } from '../../../cli/run-everytoken.ts';
import { endAll, type RunningStack, runStack } from '../../../e2e/stack-process.ts';
import { describePages, expectSound, openPage, testEveryWay } from '../../open-page.ts';

/** The browser notes that an operator's key is refused runs, and a caller's operations. */
const REFUSED = /status of 403/;

const CALLERS_KEY = 'the-key-of-team-a-for-tests';

/** A stack of its own, since the shared one asks for no keys. */
describePages('the page Usage with keys', () => {
  let stack: RunningStack;
  let operatorsKey: string;

  beforeAll(async () => {
    stack = await runStack(undefined, { EVERYTOKEN_API_KEYS: `team-a:${CALLERS_KEY}` });
    const everytoken = (...args: string[]) => runEverytoken(args, stack.dataDir);
    const added = await everytoken('keys', 'add', '--operator', 'ops');
    operatorsKey = added.out.trim();
    expect(operatorsKey).toMatch(/^et_/);
    expect((await everytoken('keys', 'add', 'team-a')).status).toBe(0);
    expect((await everytoken('budgets', 'set', 'team-a', '--tokens', '20000')).status).toBe(0);
    const api = createClient({ baseUrl: stack.file.api, apiKey: CALLERS_KEY });
    await api.runs.create({ prompt: 'Explain vector databases.', max_tokens: 8 });
  });

  afterAll(async () => {
    await stack?.interrupt();
    endAll();
  });

  const openAs = async (key: string, hash: string, how: Parameters<typeof openPage>[1] = {}) => {
    const page = await openPage('#/usage', how);
    await page.context().addInitScript(`sessionStorage.setItem('everytoken.key', ${JSON.stringify(key)})`);
    await page.goto(`${stack.file.dashboard.replace(/\/?$/, '/')}${hash}`);
    return page;
  };

  testEveryWay('an operator sees all callers and the work in hand', {
    open: (how) => openAs(operatorsKey, '#/usage?by=caller', how),
    holds: async (page) => {
      await page.getByRole('heading', { name: 'Callers', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Usage of team-a alone' }).waitFor();
      await page.getByRole('heading', { name: 'Last sweep' }).waitFor();
      await page.getByRole('rowheader', { name: 'team-a', exact: true }).waitFor();
      await expectSound(page, REFUSED);
    },
  });

  test('an operator goes from all callers to one, with its budget', async () => {
    const page = await openAs(operatorsKey, '#/usage');
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: 'Usage of team-a alone' }) });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/of 20,000/);
    await row.getByRole('button').click();
    await page.getByRole('heading', { name: 'Budget left today' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/usage?caller=team-a');
    await page.getByRole('button', { name: /show all/ }).click();
    await page.getByRole('heading', { name: 'Budget left today' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('the queues tell their dead letters', async () => {
    const page = await openAs(operatorsKey, '#/usage');
    const queues = page.getByRole('region', { name: 'Queues' });
    await queues.getByRole('rowheader', { name: 'jobs' }).waitFor();
    expect(await queues.getByRole('columnheader').allTextContents()).toEqual([
      'Queue',
      'Waiting',
      'In flight',
      'Delayed',
      'Dead letters',
    ]);
    await page.context().close();
  });

  test('a caller sees its own budget, and nothing of operations or of an error', async () => {
    const page = await openAs(CALLERS_KEY, '#/usage');
    await page.getByRole('heading', { name: 'Budget left today' }).waitFor();
    const refused = page.waitForResponse(
      (response) => response.url().endsWith('/operations') && response.status() === 403,
    );
    await page.reload();
    await refused;
    await page.getByRole('heading', { name: 'Budget left today' }).waitFor();
    expect(await page.getByText(/of 20,000 left/).count()).toBe(1);
    for (const name of ['Callers', 'Operations'])
      expect(await page.getByRole('heading', { name, exact: true }).count()).toBe(0);
    expect(await page.getByRole('alert').count()).toBe(0);
    await expectSound(page, REFUSED);
    await page.context().close();
  });
});
