import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import { followWork, type Work } from '../../../cli/start/work.ts';
import { createClient, type FileSummary } from '../../../client/index.ts';
import { pollUntil } from '../../../tools/poll-until.ts';
import { serveApi } from '../api-server.ts';
import { makeFile } from './files.ts';

const stop: (() => void)[] = [];
afterEach(() => {
  for (const each of stop.splice(0)) each();
});

/** Follows an API that has these files, newest first; a page has two. */
const follow = async (files: FileSummary[]) => {
  const faults = { isBroken: false, count: 0 };
  const app = new Hono()
    .get('/files', (context) => {
      if (faults.isBroken) {
        faults.count += 1;
        return context.json({ status: 500, code: 'internal' }, 500);
      }
      const status = context.req.query('status');
      const data = files.filter((file) => !status || file.status === status);
      return context.json({ data: status ? data : data.slice(0, 2), next_cursor: null });
    })
    .get('/files/:id', (context) => {
      const file = files.find(({ id }) => id === context.req.param('id'));
      return file ? context.json(file) : context.json({ status: 410, code: 'gone' }, 410);
    })
    .get('/comparisons', (context) => context.json({ data: [], next_cursor: null }));
  const server = await serveApi(app, '/tmp');
  const aborter = new AbortController();
  stop.push(() => aborter.abort(), server.close);
  const looks: Work[] = [];
  const ended: string[] = [];
  const { wake } = followWork(
    createClient({ baseUrl: server.api }),
    {
      onLook: (work) => void looks.push(work),
      onFileEnd: ({ id }) => void ended.push(id),
      onComparisonEnd: () => {},
    },
    { signal: aborter.signal },
  );
  const next = async (): Promise<string[]> => {
    const before = looks.length;
    await pollUntil('another look', () => {
      wake();
      return looks.length > before;
    });
    return looks.at(-1)?.files.map(({ id }) => id) ?? [];
  };
  const fail = async () => {
    faults.isBroken = true;
    await pollUntil('a failed look', () => {
      wake();
      return faults.count > 0;
    });
    faults.isBroken = false;
  };
  return { ended, next, fail };
};

const at = (second: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, second)).toISOString();

test('tells a file once when it ends, and none that had ended before', async () => {
  const files = [makeFile({ id: 'old', status: 'completed' })];
  const { ended, next } = await follow(files);
  expect(await next()).toEqual([]);
  files.unshift(makeFile({ id: 'new', created_at: at(1) }));
  expect(await next()).toEqual(['new']);
  files[0] = makeFile({ id: 'new', status: 'completed' });
  expect(await next()).toEqual([]);
  await next();
  expect(ended).toEqual(['new']);
});

test('tells a file that came and ended between two looks', async () => {
  const files: FileSummary[] = [];
  const { ended, next } = await follow(files);
  await next();
  files.push(makeFile({ id: 'quick', status: 'completed_with_errors' }));
  await next();
  expect(ended).toEqual(['quick']);
});

test('keeps a long file in sight below newer ones, the oldest first, and lets go of a deleted one', async () => {
  const files = [1, 2, 3].map((second) =>
    makeFile({ id: `done-${second}`, status: 'completed', created_at: at(second) }),
  );
  files.push(makeFile({ id: 'long', created_at: at(0) }));
  const { ended, next } = await follow(files);
  expect(await next()).toEqual(['long']);
  files.unshift(makeFile({ id: 'short', created_at: at(9) }));
  expect(await next()).toEqual(['long', 'short']);
  files.pop();
  expect(await next()).toEqual(['short']);
  expect(ended).toEqual([]);
});

test('a file that only was announced is not in hand', async () => {
  const { ended, next } = await follow([makeFile({ status: 'awaiting_upload' })]);
  expect(await next()).toEqual([]);
  expect(ended).toEqual([]);
});

test('a look that fails changes nothing, and the next one goes on', async () => {
  const files = [makeFile({ id: 'one' })];
  const { ended, next, fail } = await follow(files);
  expect(await next()).toEqual(['one']);
  await fail();
  expect(ended).toEqual([]);
  files[0] = makeFile({ id: 'one', status: 'completed' });
  expect(await next()).toEqual([]);
  expect(ended).toEqual(['one']);
});
