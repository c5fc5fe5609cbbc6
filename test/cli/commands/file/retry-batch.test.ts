import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { serveApi } from '../../api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-retry-'));
const OF = '0'.repeat(26);
const RETRY = `file_${'1'.repeat(26)}`;
const COUNTS = { lines: 3, accepted: 2, refused: 1, reused: 0, not_begun: 0, remaining: 0, generations: 0 };
let failed = 0;
let retried: string[] = [];
let served: Awaited<ReturnType<typeof serveApi>>;

/** An ended batch of three lines for /v1/embeddings, one of which has a fault. */
const batchOf = (id: string, failures: number) => ({
  ...{ id, filename: 'lines.jsonl', status: 'completed_with_errors', endpoint: '/v1/embeddings' },
  ...{ created_at: '2026-12-01T10:00:00.000Z', ended_at: '2026-12-01T10:00:05.000Z', dry_run: false },
  ...{ stopped: null, error: null, errors: [], usage: { prompt_tokens: 9, completion_tokens: 0 } },
  ...{ paid_usd: null, reused_cost_usd: 0, downloads: { jsonl: `${served.api}/jsonl` } },
  counts: { ...COUNTS, failed: failures, completed: 3 - failures },
});

beforeAll(async () => {
  const app = new Hono()
    .post('/files/estimate', (c) => c.json({ code: 'invalid_input', status: 400, title: 'no estimate' }, 400))
    .get('/files/:id', (c) => c.json(batchOf(c.req.param('id'), c.req.param('id') === RETRY ? 1 : failed)))
    .post('/files/:id/retry', (c) => {
      retried.push(c.req.param('id'));
      return c.json(batchOf(RETRY, 1), 202);
    })
    .get('/jsonl', (c) => c.body('{"custom_id":"a","error":null}\n'));
  served = await serveApi(app, folder);
});
beforeEach(() => {
  retried = [];
});
afterAll(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a batch of embeddings is retried, though it has no estimate', async () => {
  failed = 2;
  const out = join(folder, 'lines.results.jsonl');
  const ended = await served.everytoken('file', 'retry', `batch_${OF}`, '--yes', '--out', out);
  expect([ended.status, retried]).toEqual([3, [`file_${OF}`]]);
  expect(ended.out).toContain('2 of 3 answered');
  expect(readFileSync(out, 'utf8')).toContain('"custom_id":"a"');
});

test('a batch of embeddings whose failed rows all have faults is not retried', async () => {
  failed = 1;
  const ended = await served.everytoken('file', 'retry', `file_${OF}`, '--yes');
  expect([ended.status, ended.out, retried]).toEqual([3, '', []]);
  expect(ended.err).toContain('mend those with faults, and create another batch of them');
});
