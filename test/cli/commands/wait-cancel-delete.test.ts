import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../tools/tmux.ts';
import { failedRun, generationView, runView } from '../../fixtures/run-view.ts';
import { runEverytoken } from '../run-everytoken.ts';
import { type ApiServer, HOSTILE, serveApi, UNPRINTABLE } from '../runs/api-server.ts';

// Each command is a process, and several test files run at once.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'everytoken-wait-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ApiServer;
let pane: TmuxPane | undefined;
afterEach(() => {
  pane?.close();
  pane = undefined;
  api?.close();
});

const everytoken = (command: string, ...args: string[]) =>
  runEverytoken([command, '--api', api.url, ...args], folder);

const FILE = {
  id: 'file_1',
  object: 'file',
  status: 'completed_with_errors',
  counts: { lines: 40, completed: 38, failed: 2 },
  cost_usd: 0.5,
  error: null,
};
const COMPARISON = {
  id: 'cmp_1',
  object: 'comparison',
  status: 'completed',
  progress: { generations: 40, completed: 40, failed: 0 },
  error: null,
};
const EXPORT = {
  id: 'export_1',
  object: 'export',
  status: 'completed',
  rows: 12,
  format: 'parquet',
  error: null,
};
const FAILED = {
  ...generationView(),
  index: 1,
  status: 'failed',
  error: { code: 'timeout', message: 'too late' },
};

const OTHERS = {
  '/runs/run_1': runView({ id: 'run_1' }),
  '/runs/run_2': { ...runView({ id: 'run_2' }), generations: [generationView(), FAILED] },
  '/runs/run_3': failedRun('over_budget', { id: 'run_3' }),
  '/runs/run_4': runView({ id: 'run_4', status: 'queued', generations: [] }),
  '/files/file_1': FILE,
  '/comparisons/cmp_1': COMPARISON,
  '/exports/export_1': EXPORT,
};

test('wait prints how each thing ended, whatever its kind', async () => {
  api = await serveApi({ others: OTHERS });
  const { status, out } = await everytoken('wait', 'run_1', 'run_2', 'run_3', 'file_1', 'cmp_1', 'export_1');
  expect(status).toBe(3);
  expect(out.split('\n').toSorted()).toEqual([
    '',
    'cmp_1 · completed · 40 of 40 outputs',
    'export_1 · completed · 12 rows · parquet',
    'file_1 · completed_with_errors · 38 of 40 rows · 2 failed · $0.50',
    'run_1 · generated · 3 tokens · 0.04 s · —',
    'run_2 · generated · 3 tokens · 0.04 s · — · 1 failed',
    'run_3 · failed · over_budget: it ended with over_budget',
  ]);
});

test('the status of wait is 0 when all completed, 3 for a part and 1 for nothing', async () => {
  api = await serveApi({ others: OTHERS });
  const ended = await Promise.all([
    everytoken('wait', 'run_1', 'cmp_1'),
    everytoken('wait', 'file_1'),
    everytoken('wait', 'run_3'),
    everytoken('wait', 'run_1', 'run_missing'),
    everytoken('wait', 'run_missing'),
    everytoken('wait', 'run_4', '--timeout', '10ms'),
  ]);
  expect(ended.map(({ status }) => status)).toEqual([0, 3, 1, 3, 1, 1]);
  expect(ended[3]?.err).toContain('error: run_missing: 404 not_found: there is no such thing\n');
  expect(ended[5]?.err).toContain('run_4 goes on: it has not ended in time (--timeout)\n');
});

test('last is the newest run for wait, too', async () => {
  api = await serveApi({ list: [{ id: 'run_2' } as never], others: OTHERS });
  const { status, out } = await everytoken('wait', 'last');
  expect([status, out]).toEqual([3, expect.stringContaining('run_2 · generated')]);
});

test('wait --json prints the answers of the API', async () => {
  api = await serveApi({ others: OTHERS });
  const [one, two] = await Promise.all([
    everytoken('wait', 'cmp_1', '--json'),
    everytoken('wait', 'cmp_1', 'export_1', '--json'),
  ]);
  expect(JSON.parse(one.out)).toEqual(COMPARISON);
  expect(JSON.parse(two.out)).toEqual(expect.arrayContaining([COMPARISON, EXPORT]));
});

test('cancel stops a run, a file or a comparison by its id', async () => {
  const cancelled = { ...failedRun('cancelled', { id: 'run_4' }), status: 'cancelled' };
  api = await serveApi({
    others: { ...OTHERS, '/runs/run_4/cancel': cancelled, '/comparisons/cmp_1/cancel': COMPARISON },
  });
  const { status, out } = await everytoken('cancel', 'run_4', 'cmp_1');
  expect([status, out]).toEqual([
    0,
    'run_4 · cancelled\ncmp_1 · completed · 40 of 40 outputs · no more of it begins, what is under way ends\n',
  ]);
  expect(api.requests).toEqual(['POST /runs/run_4/cancel', 'POST /comparisons/cmp_1/cancel']);
  const refused = await everytoken('cancel', 'run_9', 'run_4');
  expect([refused.status, refused.out]).toEqual([3, 'run_4 · cancelled\n']);
  expect(refused.err).toContain('error: run_9: 404 not_found: there is no such thing\n');
});

test('an id of another kind is refused before anything is asked', async () => {
  api = await serveApi({ others: OTHERS });
  const refused = await Promise.all([
    everytoken('wait', 'run_1', 'prompts.csv'),
    everytoken('cancel', 'export_1'),
    everytoken('delete', '--yes', 'run_1', 'x'),
  ]);
  expect(refused.map(({ status, out }) => [status, out])).toEqual(Array(3).fill([2, '']));
  expect(refused[1]?.err).toContain(
    "'export_1' is no id that this command takes: they begin with run_…, file_…, cmp_…",
  );
  expect(api.requests).toEqual([]);
});

test('delete needs --yes where nobody can be asked, and says what goes and what is left', async () => {
  api = await serveApi({ others: OTHERS });
  const unasked = await everytoken('delete', 'run_1');
  expect([unasked.status, unasked.out, api.requests]).toEqual([2, '', []]);
  expect(unasked.err).toContain('nobody can be asked here, and a deletion cannot be undone: give --yes\n');
  const { status, out, err } = await everytoken('delete', '-y', 'run_1', 'file_1', 'cmp_1', 'export_1');
  expect([status, out]).toEqual([
    0,
    `${[
      'run_1 is deleted: its prompt, outputs and vectors',
      'file_1 is deleted: its prompts, results, runs, outputs and vectors, within half an hour',
      'cmp_1 is deleted: its runs, outputs and vectors, within half an hour',
      'export_1 is deleted: its table',
    ].join('\n')}\n`,
  ]);
  expect(err).toContain('its usage stays counted, and exports that were written before keep their rows\n');
  expect(api.requests).toEqual([
    'DELETE /runs/run_1',
    'DELETE /files/file_1?purge=true',
    'DELETE /comparisons/cmp_1',
    'DELETE /exports/export_1',
  ]);
});

test.skipIf(!HAS_TMUX)('delete asks on a terminal, and only yes is a yes', async () => {
  api = await serveApi({ others: OTHERS });
  for (const [answer, status] of [
    ['n', 1],
    ['y', 0],
  ] as const) {
    pane = startTmux([process.execPath, 'cli/everytoken.ts', 'delete', 'run_1', '--api', api.url], {
      columns: 80,
    });
    await pane.until(/run_1: its prompt, outputs and vectors\nDelete it\? \[y\/N\]/);
    pane.press(answer, 'Enter');
    expect(await pane.ended()).toBe(status);
    pane.close();
  }
  expect(api.requests).toEqual(['DELETE /runs/run_1']);
});

test('nothing of a hostile name or error reaches the output', async () => {
  const hostile = failedRun('x', { id: HOSTILE, error: { code: HOSTILE, message: HOSTILE } });
  api = await serveApi({ others: { '/runs/run_1': hostile, '/runs/run_1/cancel': hostile } });
  for (const { out, err } of await Promise.all([
    everytoken('wait', 'run_1'),
    everytoken('wait', 'run_1', '--json'),
    everytoken('cancel', 'run_1'),
  ]))
    expect(out + err).not.toMatch(UNPRINTABLE);
});
