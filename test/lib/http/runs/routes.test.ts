import { describe, expect, test } from 'vitest';
import { ConflictError } from '../../../../lib/errors.ts';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import { generationSchema, traceSchema } from '../../../../lib/http/runs/generation-schemas.ts';
import { runListSchema, runSchema } from '../../../../lib/http/runs/schemas.ts';
import { parseApiKeys } from '../../../../lib/keys/api-key.ts';
import { stillClock } from '../../../fixtures/http.ts';
import { runView } from '../../../fixtures/run-view.ts';
import { makeApi, problemIn, summary, trace } from '../apps.ts';

describe('runs', () => {
  test('answers with a run, its id and its duration', async () => {
    const response = await makeApi().app.request('/runs/run_0');
    expect(response.status).toBe(200);
    expect(runSchema.parse(await response.json())).toEqual(runView());
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(response.headers.get('server-timing')).toMatch(/^total;dur=[\d.]+$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['/runs/run_1', 404, 'not_found'],
    ['/runs/run_gone', 410, 'gone'],
    ['/runs/..%2f..%2fetc', 404, 'not_found'],
    [`/runs/${'x'.repeat(129)}`, 404, 'not_found'],
    ['/runs/%00', 404, 'not_found'],
    ['/runs/run_0/generations/1', 404, 'not_found'],
    ['/runs/run_gone/generations/0', 410, 'gone'],
    ['/runs/run_0/generations/first', 400, 'invalid_input'],
    ['/runs/run_0/generations/0?trace=1', 400, 'invalid_input'],
    ['/runs/run_0/generations/1/trace', 404, 'not_found'],
    ['/runs/run_gone/generations/0/trace', 410, 'gone'],
    ['/runs/run_0/generations/-1/trace', 400, 'invalid_input'],
    ['/runs/run_0/generations/first/trace', 400, 'invalid_input'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const response = await makeApi().app.request(path);
    expect([response.status, (await problemIn(response)).code]).toEqual([status, code]);
  });

  test("does not show another caller's run", async () => {
    const authenticate = makeAuthenticate({
      keys: parseApiKeys('other:the-key-of-another'),
      clock: stillClock,
    });
    const response = await makeApi({ authenticate }).app.request('/runs/run_0', {
      headers: { 'x-api-key': 'the-key-of-another' },
    });
    expect(response.status).toBe(404);
  });

  test('deletes a run with 204 and no body', async () => {
    const { app } = makeApi();
    const response = await app.request('/runs/run_0', { method: 'DELETE' });
    expect([response.status, await response.text(), response.headers.get('x-everytoken-run-id')]).toEqual([
      204,
      '',
      'run_0',
    ]);
    expect((await app.request('/runs/run_0', { method: 'DELETE' })).status).toBe(404);
  });

  test('cancels a run, and answers with it', async () => {
    const response = await makeApi().app.request('/runs/run_0/cancel', { method: 'POST' });
    expect(runSchema.parse(await response.json())).toMatchObject({ id: 'run_0', status: 'cancelled' });
    expect([response.status, response.headers.get('x-everytoken-run-id')]).toEqual([200, 'run_0']);
  });

  test('answers 409 when a run that is already generated is cancelled, 404 for none, and 405 for another method', async () => {
    const cancelRun = async () => {
      throw new ConflictError('run run_0 is completed already');
    };
    const refused = await makeApi({ cancelRun }).app.request('/runs/run_0/cancel', { method: 'POST' });
    expect(await problemIn(refused)).toMatchObject({ status: 409, code: 'conflict' });
    const { app } = makeApi();
    expect((await app.request('/runs/run_1/cancel', { method: 'POST' })).status).toBe(404);
    const wrong = await app.request('/runs/run_0/cancel');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('answers with a generation', async () => {
    const response = await makeApi().app.request('/runs/run_0/generations/0');
    expect(generationSchema.parse(await response.json())).toEqual(runView().generations[0]);
  });

  test('answers with the trace of a generation', async () => {
    const response = await makeApi().app.request('/runs/run_0/generations/0/trace');
    expect(traceSchema.parse(await response.json())).toEqual({
      ...trace,
      longest_gaps: [{ chunk: 1, gap_ms: 1 }],
      next_after: null,
    });
  });

  test('lists runs with the cursor of the next page', async () => {
    const { app, listed } = makeApi();
    const response = await app.request('/runs?limit=5&status=completed&metadata.team=docs&since=2026-11-01');
    expect(runListSchema.parse(await response.json())).toEqual({ data: [summary], next_cursor: 'next' });
    expect(listed).toEqual([
      {
        caller: 'local',
        limit: 5,
        status: 'completed',
        since: '2026-11-01T00:00:00.000Z',
        metadata: { team: 'docs' },
      },
    ]);
  });

  test.each([
    'format=xml',
    'texts=true',
    'limit=0',
    'limit=101',
    'status=done',
    'color=red',
    'cursor=bad',
    'limit=1&limit=2',
  ])('refuses %s by name', async (query) => {
    const problem = await problemIn(await makeApi().app.request(`/runs?${query}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ path: query.split('=')[0] }] });
  });
});
