import { describe, expect, test } from 'vitest';
import { readUseCases } from '../../../../lib/http/read-use-cases.ts';
import type { World } from '../../../memory/world.ts';
import { CALLER, exportOf, makeExportedWorld } from '../../export/exported-world.ts';
import { makeApi, problemIn } from '../apps.ts';

const appOf = (world: World) => {
  const { exportRuns } = readUseCases(world.deps);
  return makeApi({ exportRuns, authenticate: async () => ({ caller: CALLER }) }).app;
};

describe('GET /runs with format', () => {
  test.each([
    ['jsonl', 'application/x-ndjson'],
    ['csv', 'text/csv; charset=utf-8'],
  ])('streams a table as %s', async (format, type) => {
    const world = await makeExportedWorld(5);
    const response = await appOf(world).request(`/runs?format=${format}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="runs.${format}"`);
    const text = await response.text();
    if (format === 'jsonl') expect(text).toBe(await exportOf(world));
    else expect(text.split('\r\n', 1)[0]).toMatch(/^run_id,index,label,.*,cursor$/);
  });

  test('has the header alone when there is no run', async () => {
    const world = await makeExportedWorld(0);
    expect(await (await appOf(world).request('/runs?format=csv')).text()).toMatch(/^run_id,.*cursor\r\n$/);
    expect(await (await appOf(world).request('/runs?format=jsonl')).text()).toBe('');
  });

  test.each([
    ['format=xml', 'format'],
    ['format=csv&sort=created_at', 'sort'],
    ['format=csv&limit=0', 'limit'],
    ['format=csv&texts=yes', 'texts'],
    ['format=csv&cursor=x', 'cursor'],
    ['format=csv&status=done', 'status'],
    ['format=csv&color=red', 'color'],
    [`format=csv&metadata_columns=${'k'.repeat(65)}`, 'metadata_columns'],
    [`format=csv&metadata_columns=${Array.from({ length: 17 }, (_, at) => at)}`, 'metadata_columns'],
  ])('refuses %s by name', async (query, path) => {
    const world = await makeExportedWorld(1);
    const problem = await problemIn(await appOf(world).request(`/runs?${query}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ path }] });
  });

  test('stops in time by what is left of the invocation, with the cursor that goes on', async () => {
    const world = await makeExportedWorld(5);
    const lambdaContext = { getRemainingTimeInMillis: () => 14_000 };
    const response = await appOf(world).request('/runs?format=jsonl', {}, { lambdaContext });
    expect(JSON.parse(await response.text())).toMatchObject({
      run_id: null,
      error_code: 'out_of_time',
      cursor: null,
    });
  });
});
