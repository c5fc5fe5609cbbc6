import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveApi } from '../../api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-list-'));
let files: object[] = [];
let served: Awaited<ReturnType<typeof serveApi>>;

beforeAll(async () => {
  served = await serveApi(
    new Hono().get('/files', (c) => c.json({ data: files, next_cursor: null })),
    folder,
  );
});
afterAll(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (changes: object) => ({
  id: `file_${'0'.repeat(26)}`,
  filename: 'products.csv',
  status: 'completed_with_errors',
  created_at: '2026-11-30T10:00:00.000Z',
  ended_at: '2026-11-30T10:01:05.000Z',
  stopped: null,
  paid_usd: 0.5,
  counts: { lines: 300, completed: 130, failed: 170, not_begun: 0 },
  ...changes,
});
const STOPPED = { code: 'cancelled', at: '2026-11-30T10:00:30.000Z' };
const list = async (...args: string[]) => (await served.everytoken('file', 'list', ...args)).out.split('\n');

test('a stopped file is stopped, and has rows that did not begin beside those that failed', async () => {
  const counts = { lines: 300, completed: 128, failed: 172, not_begun: 170 };
  files = [file({ stopped: STOPPED, counts }), file({})];
  const [titles = '', stopped = '', other = ''] = await list();
  expect(titles).toMatch(/ status +/);
  expect(stopped).toMatch(/ stopped +/);
  expect(other).toMatch(/ with errors +/);
  const [head, ...rows] = await list('--csv');
  expect(head).toContain(',status,rows,answered,failed,not begun,paid,');
  expect(rows[0]).toContain(',completed_with_errors,300,128,172,170,0.5,');
});

test('without a stopped file no column tells of one', async () => {
  files = [file({})];
  const [titles = ''] = await list();
  expect(titles).not.toContain('not begun');
  expect(titles).toContain('status');
});
