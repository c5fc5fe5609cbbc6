import { expect, test } from 'vitest';
import { hrefOf } from '../../../dashboard/address.ts';
import { api, describePages, expectSound, LIMIT_MS, openPage, tabTo, testEveryWay } from '../open-page.ts';

const HOSTILE = '<img src=x onerror="document.title=1"> \u202eevil <script>document.title=2</script>';

/** Elements that no text of others may become. */
const FOREIGN = 'document.querySelectorAll("main img, main script, main iframe, main bdi *").length';

/** Types over what a field has. */
const retype = async (page: Awaited<ReturnType<typeof openPage>>, selector: string, text: string) => {
  await tabTo(page, selector);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
};

describePages('the builder of comparisons', () => {
  testEveryWay('it shows what a matrix would take, and holds', {
    open: (how) =>
      openPage(
        hrefOf(['compare'], {
          prompt: 'Explain trees.',
          matrix: '{"model":"default","temperature":"0.2, 1"}',
          samples: 3,
          request: '{"checks":[{"type":"contains","value":"tree"}],"metadata":{"team":"pages"}}',
        }),
        how,
      ),
    holds: async (page) => {
      await page.getByText('6 answers in 3 blocks').waitFor();
      const { tokens } = await api.comparisons.estimate({
        prompts: ['Explain trees.'],
        settings: [
          { label: 'a', temperature: 0.2 },
          { label: 'b', temperature: 1 },
        ],
        samples: 3,
      });
      const panel = page.getByRole('complementary', { name: 'Estimate' });
      await panel.getByText(`to ${tokens.high.toLocaleString('en-US')}`).waitFor();
      await expectSound(page);
    },
  });

  test('builds and starts a comparison by the keyboard alone', async () => {
    const page = await openPage('#/compare');
    await page.getByRole('link', { name: 'New comparison' }).waitFor();
    await tabTo(page, 'a[href="#/compare?new=1"]');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New comparison' }).waitFor();
    await tabTo(page, 'textarea');
    await page.keyboard.type('Explain trees.\nExplain hashes.');
    await page.getByRole('button', { name: 'Make 2 prompts of the lines' }).waitFor();
    await tabTo(page, '.prompts .row button:nth-child(2)');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Prompt 2' }).waitFor();
    await retype(page, '.dimension input', '0.1, 0.9');
    await retype(page, '.limits .field:nth-child(1) input', '2');
    await retype(page, '.limits .field:nth-child(2) input', '8');
    await page.getByText('8 answers in 4 blocks').waitFor();
    await tabTo(page, 'button[type=submit]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/compare\/cmp_\w+$/, { timeout: LIMIT_MS });
    const id = new URL(page.url()).hash.replace('#/compare/', '');
    await page.getByRole('heading', { level: 1, name: 'temperature 0.1 or temperature 0.9' }).waitFor();
    const comparison = await api.comparisons.get(id, { texts: 'false' });
    expect(comparison).toMatchObject({ prompts: 2, samples: 2 });
    expect(comparison.settings.map(({ label, requested }) => [label, requested])).toEqual([
      ['temperature 0.1', { temperature: 0.1, max_tokens: 8 }],
      ['temperature 0.9', { temperature: 0.9, max_tokens: 8 }],
    ]);
    await page.context().close();
  });

  test('says what the API refuses at the field, and starts nothing; the address keeps what was typed', async () => {
    const page = await openPage(hrefOf(['compare'], { prompt: 'Explain trees.', samples: 2 }));
    const temperature = page.getByRole('textbox', { name: 'Temperature' });
    await temperature.fill('0.2, 3');
    await page.getByText('must be a number from 0 to 2').waitFor();
    expect(await temperature.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: 'Start' }).click();
    expect(await page.evaluate('document.activeElement.getAttribute("aria-invalid")')).toBe('true');
    await expect.poll(() => page.url(), { timeout: LIMIT_MS }).toContain('0.2%2C+3');
    await page.reload();
    await page.getByText('must be a number from 0 to 2').waitFor();
    expect(await page.getByRole('textbox', { name: 'Temperature' }).inputValue()).toBe('0.2, 3');
    await page.context().close();
  });

  test('names the limits, what is missing and what is too dear before anything is sent', async () => {
    const page = await openPage('#/compare?new=1');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(request.url());
    });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Write a prompt').waitFor();
    await page
      .getByRole('textbox', { name: 'Temperature' })
      .fill(Array.from({ length: 17 }, (_, at) => at / 10).join());
    await page.getByText('17 combinations; a comparison takes 16 settings at most').waitFor();
    await page.getByLabel('Samples').fill('400');
    await page.getByRole('textbox', { name: 'Temperature' }).fill('0.1');
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('Explain.');
    await page.getByText(/400 blocks and 1 warm-up; a comparison has 250 at most/).waitFor();
    expect(asked).toEqual([]);
    await page.getByLabel('Samples').fill('2');
    await page.getByLabel('Cost at most, $').fill('0');
    // By whether the stack knows the price of its model.
    await page.getByText(/cannot be kept: a price is not known|the estimate reaches \$0\.\d/).waitFor();
    await page.getByRole('button', { name: 'Start' }).click();
    expect(asked.every((url) => url.endsWith('/comparisons/estimate'))).toBe(true);
    await page.context().close();
  });

  test('turns a matrix into rows that can be changed, and takes messages and labels of others as text', async () => {
    const page = await openPage(
      hrefOf(['compare'], {
        prompts: JSON.stringify([
          {
            messages: [
              { role: 'system', content: HOSTILE },
              { role: 'user', content: 'Hi' },
            ],
          },
        ]),
        settings: JSON.stringify([{ label: HOSTILE, temperature: 0.5, stop: ['x'] }]),
        samples: 1,
      }),
    );
    expect(await page.getByLabel('Label of setting 1').inputValue()).toBe(HOSTILE);
    expect(await page.getByRole('textbox', { name: 'Text of message 1' }).inputValue()).toBe(HOSTILE);
    expect(await page.getByLabel('Other fields, JSON').inputValue()).toBe('{"stop":["x"]}');
    await page.getByRole('button', { name: 'Copy setting 1' }).click();
    await page.getByLabel('Label of setting 2').waitFor();
    await page.getByRole('button', { name: 'Combinations' }).click();
    await page.getByText('2 settings:').waitFor();
    await page.getByRole('button', { name: 'One by one' }).click();
    expect(await page.getByLabel('Label of setting 2').inputValue()).toBe('temperature 1');
    expect(await page.evaluate(FOREIGN)).toBe(0);
    await page.context().close();
  });
});

describePages('the list of comparisons', () => {
  const begun = async () => {
    const { id } = await api.comparisons.create({
      name: HOSTILE,
      prompts: ['Explain trees.'],
      settings: [
        { label: 'Cold', temperature: 0.1 },
        { label: HOSTILE.slice(0, 40), temperature: 1 },
      ],
      samples: 2,
      max_tokens: 8,
    });
    return id;
  };

  testEveryWay('it tells name, settings, size and verdict', {
    open: async (how) => {
      firstId ??= begun();
      await api.comparisons.wait(await firstId);
      return openPage('#/compare?status=completed', how);
    },
    holds: async (page) => {
      const entry = page
        .getByRole('article')
        .filter({ has: page.locator(`a[href="#/compare/${await firstId}"]`) });
      await entry.getByText('2 settings × 1 prompt × 2 samples: 4 answers').waitFor();
      await entry.getByText(/^No setting beats another/).waitFor();
      expect(await entry.getByRole('heading').innerText()).toContain('<img src=x');
      expect(await page.evaluate(FOREIGN)).toBe(0);
      await expectSound(page);
    },
  });

  test('filters by status, and says so where there is none', async () => {
    const page = await openPage('#/compare');
    await page.getByLabel('Status').selectOption('Failed');
    await page.getByRole('heading', { name: 'No comparison has this status' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/compare?status=failed');
    await page.context().close();
  });
});

/** One comparison for all widths and themes. */
let firstId: Promise<string> | undefined;
