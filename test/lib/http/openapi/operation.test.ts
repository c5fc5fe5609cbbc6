import { describe, expect, test } from 'vitest';
import type { Handlers } from '../../../../lib/http/base-app.ts';
import { OPERATIONS } from '../../../../lib/http/openapi/document.ts';
import type { Operation, Operations } from '../../../../lib/http/openapi/operation.ts';
import { ROUTES, type RouteName } from '../../../../lib/http/routes.ts';
import { type USAGE_ANSWERS, USAGE_OPERATIONS } from '../../../../lib/http/usage/openapi.ts';

// `tsc` checks these: an error that does not come is one itself.
describe('what does not compile', () => {
  test('a route without its description, in its resource and in the whole API', () => {
    const { 'GET /usage': described, ...others } = OPERATIONS;
    // @ts-expect-error GET /usage is not described.
    const whole: Record<RouteName, Operation> = others;
    // @ts-expect-error GET /usage is not described.
    const usage: Operations<'/usage', typeof USAGE_ANSWERS> = {};
    expect([Object.keys(whole).length, Object.keys(usage).length]).toEqual([ROUTES.length - 1, 0]);
    expect(described).toBe(USAGE_OPERATIONS['GET /usage']);
  });

  test('the description of a route that is not there', () => {
    const usage: Operations<'/usage', typeof USAGE_ANSWERS> = {
      ...USAGE_OPERATIONS,
      // @ts-expect-error There is no POST /usage.
      'POST /usage': USAGE_OPERATIONS['GET /usage'],
    };
    expect(usage).toHaveProperty(['POST /usage']);
  });

  test('a description that points to a schema of another resource, or to none', () => {
    const { 'GET /usage': described } = USAGE_OPERATIONS;
    const answers = { 200: { description: 'Usage.', json: 'Run' } } as const;
    // @ts-expect-error Run is no schema of usage.
    const usage: Operations<'/usage', typeof USAGE_ANSWERS> = { 'GET /usage': { ...described, answers } };
    expect(usage['GET /usage'].answers).toBe(answers);
  });

  test('an app that leaves out a path, or serves a method that the API does not have', () => {
    const read = () => new Response();
    // @ts-expect-error /comparisons/{id} is left out.
    const less: Handlers<'/comparisons'> = { '/comparisons': { POST: read } };
    // @ts-expect-error There is no DELETE /usage.
    const more: Handlers<'/usage'> = { '/usage': { GET: read, DELETE: read } };
    expect([less, more]).toHaveLength(2);
  });
});
