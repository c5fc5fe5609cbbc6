import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { RunSummaryView } from '../../../lib/runs/view.ts';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../tools/tmux.ts';
import { runEverytoken } from '../run-everytoken.ts';
import { type ApiServer, HOSTILE, serveApi, UNPRINTABLE } from '../runs/api-server.ts';

// Each command is a process, and several test files run at once.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'everytoken-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ApiServer;
let pane: TmuxPane | undefined;
afterEach(() => {
  pane?.close();
  pane = undefined;
  api?.close();
});

const runs = (...args: string[]) =>
  runEverytoken(['runs', '--api', api.url, ...args], folder, { TZ: 'Asia/Tokyo' });

const summary = (changes: Partial<RunSummaryView> = {}): RunSummaryView => ({
  id: 'run_06h2trmxvzdf323bf9bfhgngyw',
  object: 'run',
  status: 'completed',
  created_at: '2025-11-22T16:04:05.000Z',
  model: 'everytoken-ngram',
  models: ['everytoken-ngram'],
  labels: ['default'],
  store: true,
  metadata: {},
  conversation: null,
  previous_run: null,
  prompt_preview: 'Explain vector databases.',
  text_preview: 'A vector database stores vectors.',
  counts: { generations: 1, completed: 1, failed: 0 },
  usage: { prompt_tokens: 4, completion_tokens: 100, reasoning_tokens: 0, cached_tokens: null },
  cost_usd: 0.00012,
  mean_ttft_ms: 112.4,
  mean_tpot_ms: 11.14,
  e2e_ms: 1219,
  longest_gap_ms: 14.5,
  error: null,
  ...changes,
});

const FAILED = summary({
  id: 'run_f1g9kptm212wah2a0b2vxbr9t8',
  status: 'failed',
  labels: ['Top-k 40', 'Top-p 0.9'],
  text_preview: null,
  usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
  cost_usd: null,
  mean_ttft_ms: null,
  mean_tpot_ms: null,
  e2e_ms: null,
  error: { code: 'model_not_found', message: 'the model server does not have none' },
});

test('lists runs with their figures and times of the person, an unknown figure as a dash', async () => {
  api = await serveApi({ list: [summary(), FAILED] });
  const { status, out } = await runs();
  expect([status, out]).toEqual([
    0,
    `${[
      'time        run                             status     tokens      cost  prompt → text',
      '2025-11-23  run_06h2trmxvzdf323bf9bfhgngyw  completed     100  $0.00012  Explain vector databases. …',
      '2025-11-23  run_f1g9kptm212wah2a0b2vxbr9t8  failed          —         —  Explain vector databases. …',
    ].join('\n')}\n`,
  ]);
});

test('filters and orders are those of the API, with dates of the person', async () => {
  api = await serveApi({});
  const { err } = await runs(
    ...[
      '--since',
      '2026-11-30',
      '--until',
      '7d',
      '--model',
      'm',
      '--label',
      'Top-k 40',
      '--status',
      'failed',
    ],
    ...['--file', 'file_1', '--metadata', 'team=docs', '--metadata', 'a=b', '--conversation', 'c'],
    ...['--min-ttft', '500', '--max-ttft', '900', '--min-tpot', '1', '--max-tpot', '2', '--min-e2e', '3'],
    ...['--max-e2e', '4', '--min-cost', '0.5', '--max-cost', '1', '--min-tokens', '5', '--max-tokens', '6'],
    ...['--sort', '-cost', '--limit', '7'],
  );
  const [request = ''] = api.requests;
  expect(Object.fromEntries(new URL(request.split(' ')[1] ?? '', api.url).searchParams)).toEqual({
    since: '2026-11-29T15:00:00.000Z',
    until: '7d',
    model: 'm',
    label: 'Top-k 40',
    status: 'failed',
    file: 'file_1',
    'metadata.team': 'docs',
    'metadata.a': 'b',
    conversation: 'c',
    min_ttft_ms: '500',
    max_ttft_ms: '900',
    min_tpot_ms: '1',
    max_tpot_ms: '2',
    min_e2e_ms: '3',
    max_e2e_ms: '4',
    min_cost_usd: '0.5',
    max_cost_usd: '1',
    min_tokens: '5',
    max_tokens: '6',
    sort: '-cost_usd',
    limit: '7',
  });
  expect(err).toContain('no run matches\n');
});

test('reads further pages up to the limit, or all of them, and says when there are more', async () => {
  const list = Array.from({ length: 230 }, (_, at) => summary({ id: `run_${at}` }));
  api = await serveApi({ list });
  const [some, all] = await Promise.all([runs('--limit', '120', '--csv'), runs('--all', '--csv')]);
  expect(some.out.trim().split('\r\n')).toHaveLength(121);
  expect(some.err).toContain('there are more: give a higher --limit, or --all\n');
  expect(all.out.trim().split('\r\n')).toHaveLength(231);
  expect(all.err).not.toContain('there are more');
  expect(all.out).toContain(
    '\r\n2025-11-22T16:04:05.000Z,run_229,completed,everytoken-ngram,default,1,0,4,100,112.4,11.14,1219,14.5,0.00012,',
  );
});

test('--json is the answer of the API', async () => {
  const list = [summary({ prompt_preview: HOSTILE }), FAILED];
  api = await serveApi({ list });
  const { out } = await runs('--json');
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify({ data: list, next_cursor: null })));
  expect(out).not.toMatch(UNPRINTABLE);
});

test('a wrong value of an option names the option and what it takes', async () => {
  api = await serveApi({});
  const refused = await Promise.all([
    runs('--sort', 'price'),
    runs('--since', 'soon'),
    runs('--status', 'done'),
    runs('--min-ttft', 'slow'),
    runs('--watch', '--json'),
  ]);
  expect(refused.map(({ status, out }) => [status, out])).toEqual(Array(5).fill([2, '']));
  expect(refused.map(({ err }) => err).join('')).toMatch(
    /--sort.+it takes created, ttft[\s\S]+--since.+it takes a time[\s\S]+--status.+allowed choices[\s\S]+--min-ttft.+takes a number[\s\S]+leave out --json and --csv/,
  );
  expect(api.requests).toEqual([]);
});

test('says how to begin when there is no run at all', async () => {
  api = await serveApi({});
  expect((await runs()).err).toContain(
    'there are no runs yet: npx everytoken run "Explain vector databases." --api',
  );
});

test('no escape of a hostile preview, label or error reaches the list', async () => {
  const hostile = { prompt_preview: HOSTILE, text_preview: HOSTILE, labels: [HOSTILE], models: [HOSTILE] };
  const error = { code: HOSTILE, message: HOSTILE };
  api = await serveApi({ list: [summary(hostile), summary({ ...hostile, error })] });
  for (const { out, err } of await Promise.all([runs(), runs('--csv')]))
    expect(out.replaceAll('\r\n', '\n') + err).not.toMatch(UNPRINTABLE);
});

test.skipIf(!HAS_TMUX).each([
  { columns: 80, shown: /^time +run +status +prompt → text$/m },
  {
    columns: 140,
    shown: /^time +run +status +tokens +first token +per token +total +cost +prompt → text$/m,
  },
])('a terminal of $columns columns shows what fits', async ({ columns, shown }) => {
  api = await serveApi({ list: [summary(), FAILED, summary({ prompt_preview: HOSTILE })] });
  pane = startTmux([process.execPath, 'cli/everytoken.ts', 'runs', '--api', api.url], { columns });
  expect(await pane.ended()).toBe(0);
  expect(pane.lines().join('\n')).toMatch(shown);
  expect(pane.faults()).toEqual([]);
});

test.skipIf(!HAS_TMUX)('--watch shows new runs and changes of running ones, until Ctrl-C', async () => {
  const list = [summary({ id: 'run_1', status: 'generating' })];
  api = await serveApi({ list });
  pane = startTmux([process.execPath, 'cli/everytoken.ts', 'runs', '--watch', '--api', api.url], {
    columns: 100,
    rows: 12,
  });
  await pane.until(/run_1 +generating/);
  list.splice(0, 1, summary({ id: 'run_2', status: 'queued' }), summary({ id: 'run_1' }));
  await pane.until(/run_2 +queued[\s\S]+run_1 +completed/);
  api.close();
  await pane.until(/no list at .+Ctrl-C|no list at /);
  pane.press('C-c');
  expect(await pane.ended()).toBe(130);
  expect(pane.lines().filter((line) => line.startsWith('time'))).toHaveLength(1);
});
