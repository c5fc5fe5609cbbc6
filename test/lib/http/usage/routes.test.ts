import { describe, expect, test } from 'vitest';
import { usageReportSchema } from '../../../../lib/http/usage/openapi.ts';
import { makeApi, problemIn } from '../apps.ts';

describe('usage', () => {
  test('answers for the last 7 days by default', async () => {
    const response = await makeApi().app.request('/usage');
    expect(usageReportSchema.parse(await response.json())).toMatchObject({
      since: '2026-11-15T12:00:00.000Z',
      until: '2026-11-22T12:00:00.000Z',
      group_by: null,
      total: { requests: 0, cost_usd: null },
    });
  });

  test('refuses more than 400 days', async () => {
    const problem = await problemIn(await makeApi().app.request('/usage?since=2025-01-01&until=2026-11-22'));
    expect(problem.errors).toMatchObject([{ path: 'since' }]);
  });

  test('is a table for format=csv, under a name with its days', async () => {
    const response = await makeApi().app.request(
      '/usage?since=2026-11-01&until=2026-11-10&group_by=day,model&format=csv',
    );
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="usage-2026-11-01-2026-11-11.csv"',
    );
    expect(await response.text()).toMatch(/^day,model,requests,.*,other,truncated\r\n$/);
  });
});
