import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { rowFormatOf } from '../../../lib/export/formats.ts';
import { pollUntil } from '../../../tools/poll-until.ts';
import { serveApi } from '../api-server.ts';

const ROWS = 200;
const folder = mkdtempSync(join(tmpdir(), 'everytoken-export-'));
const asked: URL[] = [];
const exports: unknown[] = [];
/** The rows after which the connection breaks; once each. */
let breaks: number[] = [];
/** Rows after which the API says that the export is not whole, and gets no further. */
let endsAfter = Number.POSITIVE_INFINITY;
/** The row before which nothing comes any more. */
let stallsAt = Number.POSITIVE_INFINITY;
let served: Awaited<ReturnType<typeof serveApi>>;

const cursorAt = (at: number) => Buffer.from(`2026-11-30#${at}`).toString('base64url');
const columns = JSON.parse(rowFormatOf('jsonl', []).renderEnd({ code: '', message: '', cursor: null }));
const rowAt = (at: number) => ({
  ...columns,
  run_id: `run_${at}`,
  index: 0,
  error_code: null,
  error_message: null,
  cost_usd: 0.0000012,
  requested: { top_k: 40, stop: ['=1+1'] },
  text: `=SUM(A1) "é\n,\x1b[31m${at}`,
  cursor: cursorAt(at),
});
const whole = Array.from({ length: ROWS }, (_, at) => `${JSON.stringify(rowAt(at))}\n`).join('');

beforeAll(async () => {
  const app = new Hono()
    .get('/runs', (c) => {
      asked.push(new URL(c.req.url));
      const cursor = c.req.query('cursor');
      const from =
        cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64url').toString().split('#')[1]) + 1;
      const to = Math.min(ROWS, from + Number(c.req.query('limit') ?? ROWS));
      const breakAt = breaks.shift();
      return stream(c, async (body) => {
        for (let at = from; at < to; at++) {
          if (at === stallsAt)
            await new Promise((resolve) => c.req.raw.signal.addEventListener('abort', resolve));
          if (at >= endsAfter) {
            await body.write(
              `${JSON.stringify({ ...columns, error_code: 'upstream_error', cursor: cursorAt(at - 1) })}\n`,
            );
            return;
          }
          const line = `${JSON.stringify(rowAt(at))}\n`;
          if (at === breakAt) {
            await body.write(line.slice(0, 40));
            return;
          }
          await body.write(line);
        }
      });
    })
    .post('/exports', async (c) => {
      exports.push(await c.req.json());
      return c.json({ id: 'export_1', status: 'queued' }, 202);
    })
    .get('/exports/:id', (c) =>
      c.json({
        id: 'export_1',
        status: 'completed',
        rows: 3,
        bytes: 4,
        download: { url: `${served.api}/object`, expires_at: '' },
        error: null,
      }),
    )
    .get('/object', (c) => c.body('PAR1'));
  app.onError(() => new Response(null, { status: 500 }));
  served = await serveApi(app, folder);
});
beforeEach(() => {
  breaks = [];
  endsAfter = Number.POSITIVE_INFINITY;
});
afterAll(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const csvOfAll = () => read('whole.csv');

test('writes rows as they are in JSON Lines, also over connections that break', async () => {
  breaks = [7, 150];
  const { status, out, err } = await served.everytoken(
    'export',
    '--format',
    'jsonl',
    '--since',
    '7d',
    '--texts',
  );
  expect([status, err]).toEqual([0, expect.stringContaining('200 rows')]);
  expect(out).toBe(whole);
  const [, second] = asked.slice(-3);
  expect(Object.fromEntries(second?.searchParams ?? [])).toEqual({
    format: 'jsonl',
    since: '7d',
    texts: 'true',
    cursor: cursorAt(6),
  });
});

test('a name whose ending is no format is refused, unless the format is given', async () => {
  const path = join(folder, 'runs.xlsx');
  const refused = await served.everytoken('export', '--out', path);
  expect([refused.status, refused.err]).toEqual([2, expect.stringMatching(/an export is no \.xlsx; name a/)]);
  expect(existsSync(path)).toBe(false);
  const { status } = await served.everytoken('export', '--out', path, '--format', 'csv', '--limit', '1');
  expect([status, existsSync(path)]).toEqual([0, true]);
});

test('writes the same CSV as the API, by default, into a file that is whole', async () => {
  const path = join(folder, 'whole.csv');
  const piped = await served.everytoken('export');
  const { status } = await served.everytoken('export', '--out', path);
  expect(status).toBe(0);
  expect(csvOfAll()).toBe(piped.out);
  expect(csvOfAll().split('\r\n')[0]).toBe(rowFormatOf('csv', []).opening.trimEnd());
  expect(csvOfAll()).toContain('"\'=SUM(A1) ""é\n,');
  expect(existsSync(`${path}.part`)).toBe(false);
});

test.each(['jsonl', 'csv'])(
  'goes on with a %s that broke off anywhere, and is then the same',
  async (format) => {
    const all = Buffer.from(format === 'csv' ? csvOfAll() : whole);
    const path = join(folder, `broken.${format}`);
    for (const length of [0, 5, 700, 12_345, all.length - 1]) {
      writeFileSync(path, all.subarray(0, length));
      const { status, err } = await served.everytoken('export', '--resume', path);
      expect([status, err]).toEqual([0, expect.stringContaining('200 rows')]);
      expect(readFileSync(path).equals(all)).toBe(true);
    }
  },
);

test('replaces an earlier export alone, and leaves nothing of one that has no row', async () => {
  const notes = join(folder, 'notes.csv');
  writeFileSync(notes, 'name,note\n');
  const foreign = await served.everytoken('export', '--out', notes);
  expect(foreign.err).toContain(
    `${notes} is there, and is no export; name another file with --out, or replace it with --force`,
  );
  expect(read('notes.csv')).toBe('name,note\n');
  expect((await served.everytoken('export', '--out', notes, '--force')).status).toBe(0);
  expect(read('notes.csv')).toMatch(/^run_id,/);
  const path = join(folder, 'none.jsonl');
  endsAfter = 0;
  const refused = await served.everytoken('export', '--out', path);
  expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('upstream_error')]);
  expect(existsSync(`${path}.part`)).toBe(false);
  endsAfter = Number.POSITIVE_INFINITY;
  for (const _ of [1, 2]) expect((await served.everytoken('export', '--out', path)).status).toBe(0);
  expect(read('none.jsonl')).toBe(whole);
});

test('keeps the rows of an export that the API cannot finish, and says how to go on', async () => {
  endsAfter = 30;
  const path = join(folder, 'late.jsonl');
  const first = await served.everytoken('export', '--out', path);
  expect([first.status, first.out]).toEqual([1, '']);
  expect(first.err).toContain(
    `30 rows are in ${path}.part; go on with the same options and --resume ${path}`,
  );
  expect(first.err).toMatch(/^error: .*upstream_error.*$/m);
  expect(existsSync(path)).toBe(false);
  const again = await served.everytoken('export', '--out', path);
  expect(again.err).toContain('.part is there, of an export that broke off');
  endsAfter = Number.POSITIVE_INFINITY;
  expect((await served.everytoken('export', '--resume', path, '--limit', '40')).status).toBe(0);
  expect(read('late.jsonl')).toBe(whole.split('\n').slice(0, 40).join('\n').concat('\n'));
});

test('keeps whole rows alone when it is interrupted', async () => {
  stallsAt = 30;
  const path = join(folder, 'stopped.csv');
  const words = ['cli/everytoken.ts', 'export', '--out', path, '--api', served.api];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (bytes) => (err += bytes));
  const ended = once(child, 'close');
  await pollUntil(
    () => `30 rows in ${path}.part`,
    () => (existsSync(`${path}.part`) && read('stopped.csv.part').includes('run_29,')) || undefined,
  );
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(130);
  expect(err).toContain(`30 rows are in ${path}.part`);
  stallsAt = Number.POSITIVE_INFINITY;
  expect(csvOfAll().startsWith(read('stopped.csv.part'))).toBe(true);
  expect((await served.everytoken('export', '--resume', path)).status).toBe(0);
  expect(read('stopped.csv')).toBe(csvOfAll());
});

test.each([
  ['other.csv', 'name,price\na,1\n'],
  ['other.jsonl', '{"name": "a"}\n'],
  ['note.csv', 'a note'],
  ['note.jsonl', 'a note'],
])('leaves a file alone that is no export: %s', async (name, text) => {
  writeFileSync(join(folder, name), text);
  const { status, err } = await served.everytoken('export', '--resume', join(folder, name));
  expect([status, err]).toEqual([1, expect.stringContaining('with these columns')]);
  expect(read(name)).toBe(text);
});

test('has Parquet written by the API, and fetches it', async () => {
  const path = join(folder, 'runs.parquet');
  const filters = ['--metadata', 'team=docs', '--min-ttft', '5', '--columns', 'team,project', '--texts'];
  const { status, err } = await served.everytoken('export', '--out', path, ...filters);
  expect([status, err]).toEqual([0, expect.stringContaining('3 rows · 4 B')]);
  expect(read('runs.parquet')).toBe('PAR1');
  expect(exports).toEqual([
    {
      format: 'parquet',
      metadata: { team: 'docs' },
      min_ttft_ms: 5,
      texts: true,
      metadata_columns: ['team', 'project'],
    },
  ]);
});

test('names a wrong combination', async () => {
  const cases = [
    [['--format', 'parquet'], '--out is missing'],
    [['--resume', 'a.jsonl', '--out', 'b.jsonl'], '--resume names the file itself'],
    [['--out', 'a.parquet', '--conversation', 'x'], '--conversation does not go with Parquet'],
    [['--columns', 'a,,b'], 'it takes names with commas between them'],
    [['--format', 'xlsx'], 'allowed choices are csv, jsonl, parquet'],
  ] as const;
  for (const [args, why] of cases) {
    const { status, err } = await served.everytoken('export', ...args);
    expect([status, err]).toEqual([2, expect.stringContaining(why)]);
  }
});
