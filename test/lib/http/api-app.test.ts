import { describe, expect, test } from 'vitest';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import { stillClock } from '../../fixtures/http.ts';
import { makeApi, problemIn } from './apps.ts';

describe('open routes', () => {
  const closed = { authenticate: makeAuthenticate({ keys: new Map(), clock: stillClock }) };

  test.each(['/health', '/openapi.json'])('%s is open without a key', async (path) => {
    expect((await makeApi(closed).app.request(path)).status).toBe(200);
  });

  test.each([
    ['GET', '/runs'],
    ['GET', '/runs/run_0'],
    ['DELETE', '/runs/run_0'],
    ['POST', '/runs/run_0/cancel'],
    ['GET', '/runs/run_0/generations/0'],
    ['GET', '/runs/run_0/generations/0/trace'],
    ['POST', '/search'],
    ['GET', '/usage'],
  ])('%s %s requires a key, before any work', async (method, path) => {
    expect((await makeApi(closed).app.request(path, { method })).status).toBe(401);
  });
});

describe('other routes', () => {
  test.each([
    ['PUT', '/runs', 'GET, HEAD, POST'],
    ['POST', '/runs/run_0', 'GET, HEAD, DELETE'],
    ['GET', '/search', 'POST'],
    ['DELETE', '/usage', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
  ])('%s %s is 405 and names %s', async (method, path, allow) => {
    const response = await makeApi().app.request(path, { method });
    expect(response.headers.get('allow')).toBe(allow);
    expect(await problemIn(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
  });

  test.each([
    ['GET', '/nothing'],
    ['GET', '/runs/'],
    ['GET', '/assets/app.js'],
    ['POST', '/runs'],
  ])('%s %s is 404', async (method, path) => {
    const response = await makeApi().app.request(path, { method });
    expect(await problemIn(response)).toMatchObject({ status: 404, code: 'unknown_route' });
  });

  test('answer HEAD like GET without a body', async () => {
    const response = await makeApi().app.request('/health', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});
