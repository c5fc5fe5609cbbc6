import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { valuesOf } from '../../report/comparison-charts.ts';
import { comparisonData } from '../../report/comparison-data.ts';
import { comparisonReport, type ReportInput } from '../../report/comparison-report.ts';
import { STYLE } from '../../report/style.ts';
import { drawnComparison } from './drawn-comparison.ts';

type Page = ReturnType<typeof parseHTML>['document'];

const emptyDocument = () =>
  parseHTML('<!doctype html><html><body></body></html>').document as unknown as ReportInput['document'];

const reportOf = (input: Omit<ReportInput, 'document' | 'deployment'>): Promise<string> =>
  comparisonReport({ ...input, deployment: 'local stack', document: emptyDocument() });

const pageOf = (text: string): Page => parseHTML(text).document;

const TAGS = new Set(
  `html head meta title style body header nav main footer section h1 h2 h3 p ul ol li a code pre time bdi span small strong em mark
   dl dt dd div details summary figure figcaption table thead tbody tr th td svg g path circle line text tspan`.split(
    /\s+/,
  ),
);

const FORBIDDEN = /^on|^(?:style|src|srcset|action|data|xlink:href)$/i;

/** Expects a page that is made of these elements alone, loads nothing and runs nothing. */
const expectHarmless = (text: string): void => {
  const page = pageOf(text);
  const faults = [...page.querySelectorAll('*')].flatMap((element) => [
    ...(TAGS.has(element.localName) ? [] : [element.localName]),
    ...[...element.attributes].flatMap(({ name, value }) => {
      const isText = name === 'aria-label' || name.startsWith('xmlns');
      const isOutside =
        name === 'href' ? !value.startsWith('#') : !isText && /https?:|script:|url\(/i.test(value);
      return FORBIDDEN.test(name) || isOutside ? [`${name}="${value}"`] : [];
    }),
  ]);
  expect(faults).toEqual([]);
  expect([...page.querySelectorAll('style')].map(({ textContent }) => textContent)).toEqual([STYLE]);
  expect(text).not.toMatch(/<(?:script|iframe|img|link|object|embed)/i);
};

test('the verdict comes first, and every section has a heading that its contents link to', async () => {
  const drawn = drawnComparison();
  const page = pageOf(await reportOf(drawn));
  expect(page.querySelector('main h2')?.textContent).toBe('Verdict');
  expect(page.querySelector('.summary')?.textContent).toBe(drawn.comparison.verdict?.summary);
  for (const link of page.querySelectorAll('nav a'))
    expect(page.querySelector(`h2${link.getAttribute('href')}`)?.textContent).toBeTruthy();
  expect(page.querySelectorAll('main > section').length).toBe(page.querySelectorAll('nav a').length);
});

test('each strip has exactly the values that the API counts', () => {
  const { comparison, rows } = drawnComparison({ samples: 40 });
  const { answers } = comparisonData({ comparison, rows });
  for (const setting of comparison.settings) {
    for (const figure of ['ttft_ms', 'tpot_ms', 'e2e_ms', 'completion_tokens'] as const)
      expect(valuesOf(answers, setting, figure).length).toBe(setting[figure].n);
    expect(valuesOf(answers, setting, 'cost_usd').length).toBe(setting.n - setting.cost_usd.unpriced);
  }
});

test('every difference stands in the table with its interval, p and finding', async () => {
  const { comparison, rows } = drawnComparison({ samples: 30, labels: ['A', 'B', 'C'] });
  const page = pageOf(await reportOf({ comparison, rows }));
  const table = page.querySelector('[aria-label="Differences between settings"]');
  expect(table?.querySelectorAll('tbody tr:not(.pair)').length).toBe(comparison.differences.length);
  expect(table?.querySelectorAll('tr.is-clear').length).toBe(
    comparison.differences.filter(({ clear }) => clear).length,
  );
});

test('a comparison that is not over, and one that could not begin, have a report that says so', async () => {
  const { comparison } = drawnComparison();
  const open = { ...comparison, verdict: null, differences: [], status: 'generating' as const };
  expect(
    pageOf(await reportOf({ comparison: open, rows: [] })).querySelector('.summary')?.textContent,
  ).toMatch(/no verdict yet/);
  const failed = {
    ...open,
    status: 'failed' as const,
    error: { code: 'too_large', message: 'It is too large.' },
  };
  expect(
    pageOf(await reportOf({ comparison: failed, rows: [] })).querySelector('.summary')?.textContent,
  ).toMatch('It is too large.');
});

test('the request is told as it was given, or as it can be rebuilt', async () => {
  const { comparison, rows } = drawnComparison();
  const rebuilt = JSON.parse(
    pageOf(await reportOf({ comparison, rows })).querySelector('pre')?.textContent ?? '',
  );
  expect(rebuilt).toMatchObject({
    prompts: ['Explain vector databases.', 'Explain embeddings.'],
    samples: 12,
  });
  const request = {
    prompts: ['p'],
    settings: [{ label: 'A' }],
    checks: [{ type: 'contains' as const, value: '<b>' }],
  };
  const page = pageOf(await reportOf({ comparison, rows, request }));
  expect(JSON.parse(page.querySelector('pre')?.textContent ?? '')).toEqual(request);
  expect(page.querySelector('.checks')?.textContent).toContain('<b>');
});

test('texts stand in columns, with the words marked that differ', async () => {
  const text = (_: number, setting: number) =>
    `a vector database finds the ${setting === 0 ? 'nearest' : 'closest'} vectors of a query`;
  const page = pageOf(await reportOf(drawnComparison({ samples: 2, text })));
  const marks = [...page.querySelectorAll('.column mark')].map(({ textContent }) => textContent);
  expect(new Set(marks)).toEqual(new Set(['nearest', 'closest']));
});

test('texts of others stay text: the page loads nothing, runs nothing and keeps its structure', {
  timeout: 60_000,
}, async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      '</bdi></td><script>alert(1)</script>',
      '<img src="https://example.com/x.png" onerror=alert(1)>',
      '"\'><svg onload=alert(1)>',
      '</style><style>@import "https://example.com"</style>',
      '\u202eevil\u2066 \u0000\u001b[31m',
      '{{alert(1)}} &lt;b&gt; &amp;',
    ),
  );
  const drawn = drawnComparison({
    labels: ['«A»', '«B»'],
    prompts: ['«P»'],
    samples: 6,
    name: '«N»',
    text: () => '«T»',
  });
  drawn.comparison.notes.push('«T»');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(hostile, { minLength: 5, maxLength: 5 }),
      async ([a = '', b = '', prompt = '', name = '', text = '']) => {
        const texts = new Map(
          Object.entries({ '«A»': a, '«B»': b, '«P»': prompt, '«N»': name, '«T»': text }),
        );
        const filled = JSON.parse(JSON.stringify(drawn), (_, value) =>
          typeof value === 'string' ? value.replace(/«.»/g, (mark) => texts.get(mark) ?? mark) : value,
        );
        for (const setting of filled.comparison.settings) {
          setting.errors = { [text]: 3 };
          setting.requested = { [prompt]: text };
        }
        expectHarmless(await reportOf(filled));
      },
    ),
    { numRuns: 25 },
  );
});

test('it holds 2,000 answers', { timeout: 120_000 }, async () => {
  const drawn = drawnComparison({
    prompts: ['one', 'two', 'three', 'four', 'five'],
    samples: 25,
    labels: Array.from({ length: 16 }, (_, at) => `Setting ${at + 1}`),
  });
  const text = await reportOf(drawn);
  expect(drawn.rows.length).toBe(2000);
  expect(text.length).toBeLessThan(5_000_000);
  expect(text.split('class="column"').length - 1).toBe(2000);
});
