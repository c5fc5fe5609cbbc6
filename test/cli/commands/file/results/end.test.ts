import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveApi } from '../../../api-server.ts';
import { runEverytoken } from '../../../run-everytoken.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-end-'));
const ID = `file_${'0'.repeat(26)}`;
const HOSTILE = '\x1b[31mred\u202e\x07';
let changes: Record<string, unknown> = {};
let lines: object[] = [];
let served: Awaited<ReturnType<typeof serveApi>>;

beforeAll(async () => {
  const app = new Hono()
    .get('/files/:id', (c) =>
      c.json({
        id: ID,
        filename: `a${HOSTILE}.csv`,
        status: 'completed_with_errors',
        created_at: '2026-11-30T10:00:00.000Z',
        ended_at: '2026-11-30T10:01:05.000Z',
        dry_run: false,
        stopped: null,
        error: null,
        errors: [],
        usage: { prompt_tokens: 10, completion_tokens: 1_234 },
        paid_usd: 1.5,
        reused_cost_usd: 0,
        downloads: { csv: `${served.api}/csv`, jsonl: `${served.api}/jsonl` },
        ...changes,
      }),
    )
    .get('/csv', (c) => c.body('name,text\r\n'))
    .get('/summary', (c) => c.json({ cut_at_max_tokens: 31 }))
    .get('/jsonl', (c) => c.body(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  served = await serveApi(app, folder);
});
afterAll(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const counts = (all: number, failed: number, refused = 0) => ({
  lines: all,
  accepted: all - refused,
  refused,
  reused: 0,
  completed: all - failed,
  failed,
  not_begun: 0,
  remaining: 0,
});
const failed = (line: number, code: string, message: string) => ({
  line,
  run_id: null,
  error: { code, message },
});
const watch = async (name: string) => {
  const out = join(folder, name);
  const ended = await served.everytoken('file', 'watch', ID, '--out', out);
  return { ...ended, path: out };
};

test('groups failed rows by reason, the most first, with the numbers of 20 and where the rest is', async () => {
  changes = { counts: counts(60, 46, 12) };
  lines = [
    ...Array.from({ length: 34 }, (_, at) => failed(at + 2, 'rate_limited', `slow ${HOSTILE}down`)),
    ...Array.from({ length: 12 }, (_, at) =>
      failed(at + 50, 'invalid_row', `line ${at + 50}: cell ${at} is open`),
    ),
    { line: 99, run_id: 'run_1', error: null },
  ];
  const { status, out, err, path } = await watch('a.csv');
  expect([status, readFileSync(path, 'utf8')]).toEqual([3, 'name,text\r\n']);
  expect(out).toBe(`\
file         ared.csv · ${ID} · 1 min 5 s
rows         14 of 60 answered · 46 failed
cost         $1.50 paid now · 10 tokens in, 1,234 out
failed       lines 2–35 · rate_limited: slow reddown
${Array.from({ length: 9 }, (_, at) => `             line ${at + 50} · invalid_row: cell ${at} is open\n`).join('')}\
             3 rows for other reasons: see ${path}
results      ${path}
next         mend the file and drop it again, or npx everytoken file retry <its path> --api
             ${served.api}
`);
  expect(err).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
});

test("reads the reasons of OpenAI's batch results", async () => {
  changes = { counts: counts(2, 1), downloads: { jsonl: `${served.api}/jsonl` }, filename: 'b.jsonl' };
  const everytoken = { line: 7, run_id: null, status: 'failed' };
  lines = [
    { id: 'batch_req_1', custom_id: 'a', response: null, error: { code: 'c', message: 'm' }, everytoken },
  ];
  const { status, out } = await watch('b.jsonl');
  expect([status, out]).toEqual([3, expect.stringContaining('failed       line 7 · c: m\n')]);
  expect(out).toContain('next         try them again');
});

test('rows with faults of a batch are for another batch, and it is named by either id', async () => {
  changes = {
    ...{ counts: counts(2, 1, 1), endpoint: '/v1/embeddings', filename: 'f.jsonl' },
    downloads: { jsonl: `${served.api}/jsonl` },
  };
  const everytoken = { line: 2, run_id: null, status: 'failed' };
  lines = [{ custom_id: 'a', response: null, error: { code: 'c', message: 'm' }, everytoken }];
  for (const id of [ID, ID.replace('file_', 'batch_')]) {
    const { status, out } = await served.everytoken(
      'file',
      'results',
      id,
      '--out',
      join(folder, `${id}.jsonl`),
    );
    expect([status, out]).toEqual([
      3,
      expect.stringContaining('next         mend the rows with faults, and create another batch of them\n'),
    ]);
  }
});

test('a file that could not be read has no rows and no results', async () => {
  const error = { code: 'bad_header', message: `no prompt ${HOSTILE}` };
  const none = { ...counts(0, 0), lines: null, accepted: null, refused: null, remaining: null };
  changes = { status: 'failed', counts: none, error, downloads: null };
  const { status, out, path } = await watch('c.csv');
  expect([status, out]).toEqual([
    1,
    `file         ared.csv · ${ID} · 1 min 5 s\nfailed       bad_header: no prompt red\n`,
  ]);
  expect(existsSync(path)).toBe(false);
});

test('tells how many answers max_tokens cut, by the summary', async () => {
  const downloads = { csv: `${served.api}/csv`, summary: `${served.api}/summary` };
  changes = { status: 'completed', counts: counts(40, 0), downloads };
  const { status, out } = await watch('cut.csv');
  expect([status, out]).toEqual([
    0,
    expect.stringContaining('cut          31 answers reached max_tokens · more with --max-tokens …\n'),
  ]);
});

test('a row to mend is retried by the path that was uploaded here, where only an id is given', async () => {
  const state = join(folder, 'state');
  mkdirSync(join(state, 'everytoken/files'), { recursive: true });
  const remembered = { path: join(folder, 'e.csv'), own: {}, fields: {} };
  writeFileSync(join(state, `everytoken/files/${ID}.json`), JSON.stringify(remembered));
  changes = { counts: counts(1, 1, 1) };
  lines = [failed(2, 'invalid_row', 'open')];
  const args = ['file', 'watch', ID, '--api', served.api, '--out', join(folder, 'e.results.csv')];
  const { out } = await runEverytoken(args, folder, { XDG_STATE_HOME: state });
  expect(out).toContain(`next         mend the rows`);
  expect(out).toContain(`everytoken file retry ${remembered.path}`);
});

test('an unknown cost is no zero', async () => {
  changes = { status: 'completed', counts: counts(3, 0), paid_usd: null };
  const { status, out } = await watch('d.csv');
  expect([status, out]).toEqual([
    0,
    expect.stringContaining('cost         not known: the price of a model is not'),
  ]);
});
