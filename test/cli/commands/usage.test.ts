import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UsageReport } from '../../../client/index.ts';
import { serveApi } from '../api-server.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-usage-'));
const asked: URL[] = [];
let report: UsageReport;
let served: Awaited<ReturnType<typeof serveApi>>;

/** The answer to a caller's key. */
const REFUSED = {
  status: 400,
  code: 'invalid_input',
  detail: 'the query is not valid',
  errors: [
    {
      path: 'group_by',
      message: 'must be model, label, day or metadata.KEY, or two of them with a comma between',
    },
  ],
};

const TABLE = 'model,requests\r\n"a, b",3\r\n';

beforeAll(async () => {
  const app = new Hono().get('/usage', (c) => {
    asked.push(new URL(c.req.url));
    if (c.req.query('group_by') === 'caller')
      return c.json(REFUSED, 400, { 'content-type': 'application/problem+json' });
    return c.req.query('format') === 'csv' ? c.body(TABLE) : c.json(report);
  });
  served = await serveApi(app, dataDir);
});
afterAll(() => {
  served.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const figures = (cost: number | null, changes: Partial<UsageReport['total']> = {}): UsageReport['total'] => ({
  requests: 1_200,
  failed_requests: 0,
  generations: 1_300,
  failed: 0,
  prompt_tokens: 45_000,
  completion_tokens: 123_456,
  reasoning_tokens: null,
  cost_usd: cost,
  unpriced: 0,
  mean_ttft_ms: 212.4,
  ...changes,
});

const group = (keys: Record<string, string | null>, cost: number | null, changes = {}) => ({
  key: null,
  keys,
  ...figures(cost, changes),
});

const REPORT: UsageReport = {
  since: '2026-10-01T00:00:00.000Z',
  until: '2026-11-01T00:00:00.000Z',
  group_by: 'model,day',
  groups: [
    group({ model: 'gpt-6-luna', day: '2026-10-01' }, 1234.5),
    group({ model: 'gpt-6-luna', day: '2026-10-03' }, 617.25, { failed: 2, failed_requests: 1 }),
    group({ model: '\x1b[31mred\u202e', day: '2026-10-03' }, null, { unpriced: 7 }),
  ],
  total: figures(1851.75, { failed: 2, failed_requests: 1, unpriced: 7 }),
  truncated: false,
  budget: null,
};

test('asks for a month of UTC, and shows groups, their total, days, and what is not priced', async () => {
  report = REPORT;
  const { status, out, err } = await served.everytoken('usage', '--by', 'model,day', '--month', '2026-10');
  expect(status).toBe(0);
  expect(Object.fromEntries(asked.at(-1)?.searchParams ?? [])).toEqual({
    group_by: 'model,day',
    since: '2026-10-01T00:00:00.000Z',
    until: '2026-11-01T00:00:00.000Z',
  });
  expect(out).toBe(
    `\
model       day          runs  outputs  failed  tokens in      out  unpriced         cost
gpt-6-luna  2026-10-01  1,200    1,300       0     45,000  123,456         0    $1,234.50
gpt-6-luna  2026-10-03  1,200    1,300       2     45,000  123,456         0      $617.25
red         2026-10-03  1,200    1,300       0     45,000  123,456         7            —
total                   1,200    1,300       2     45,000  123,456         7  ≥ $1,851.75

cost by day
2026-10-01  $1,234.50  ████████████████████████████████████████
2026-10-02      $0.00
2026-10-03    $617.25  ████████████████████
`,
  );
  expect(err).toContain('usage from 2026-10-01 00:00:00 to 2026-11-01 00:00:00');
  expect(err).toContain('failed: 2 of 1,300 outputs; failed runs: 1');
  expect(err).toContain('unpriced: 7 outputs without a known price, not in the cost');
});

test('says that callers are shown to an operator', async () => {
  const { status, err } = await served.everytoken('usage', '--by', 'caller');
  expect(status).toBe(1);
  expect(err).toContain(
    "--by caller needs an operator's key: set EVERYTOKEN_KEY to one (npx everytoken keys add",
  );
});

test('shows one row without groups, and the budget that is left today', async () => {
  const allowance = { limit: 10, used: 7.75, left: 2.25 };
  report = {
    ...REPORT,
    group_by: null,
    groups: [],
    total: figures(null),
    truncated: true,
    budget: {
      day: '2026-11-30',
      resets_at: '2026-12-01T00:00:00.000Z',
      cost_usd: allowance,
      tokens: { limit: 1_000_000, used: 1, left: 999_999 },
    },
  };
  const { out, err } = await served.everytoken('usage', '--caller', 'team-a');
  expect(asked.at(-1)?.searchParams.get('caller')).toBe('team-a');
  expect(out).toBe(`\
 runs  outputs  tokens in      out  first token  cost
1,200    1,300     45,000  123,456       212 ms     —

left today   $2.25 of $10.00 · 999,999 of 1,000,000 tokens · until 2026-12-01 00:00:00
`);
  expect(err).toContain('not all runs were read');
});

test('has the CSV of the API as it is, and its JSON', async () => {
  report = REPORT;
  const [csv, json] = await Promise.all([
    served.everytoken('usage', '--csv'),
    served.everytoken('usage', '--json'),
  ]);
  expect(csv.out).toBe(TABLE);
  expect(JSON.parse(json.out)).toEqual(REPORT);
});

test('names a wrong value, and its remedy', async () => {
  const wrong = [
    [['--by', 'modle'], "'modle' is none of model, label, day, caller and metadata.KEY"],
    [['--by', 'model,day,label'], 'it takes two at most'],
    [['--by', 'day,day'], 'it takes two different ones'],
    [['--month', '2026-13'], 'it takes a month such as 2026-10'],
  ] as const;
  for (const [args, why] of wrong) {
    const { status, err } = await served.everytoken('usage', ...args);
    expect([status, err]).toEqual([2, expect.stringContaining(why)]);
  }
  const both = await served.everytoken('usage', '--month', '2026-10', '--since', '7d');
  expect([both.status, both.err]).toEqual([2, expect.stringContaining('--month excludes')]);
});
