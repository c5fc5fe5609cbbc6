import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Handlers } from '../../../../lib/http/base-app.ts';
import { OPERATIONS } from '../../../../lib/http/openapi/document.ts';
import { type Operation, type Operations, operationOf } from '../../../../lib/http/openapi/operation.ts';
import { ROUTES, type RouteName } from '../../../../lib/http/routes.ts';
import { USAGE_OPERATIONS } from '../../../../lib/http/usage/openapi.ts';

// `tsc` checks these: it reports a `@ts-expect-error` without an error.
describe('a compile error is raised by', () => {
  test('a route without its description, in its resource and in the whole API', () => {
    const { 'GET /usage': described, ...others } = OPERATIONS;
    // @ts-expect-error GET /usage is not described.
    const whole: Record<RouteName, Operation> = others;
    // @ts-expect-error GET /usage is not described.
    const usage: Operations<'/usage'> = {};
    expect([Object.keys(whole).length, Object.keys(usage).length]).toEqual([ROUTES.length - 1, 0]);
    expect(described).toBe(USAGE_OPERATIONS['GET /usage']);
  });

  test('the description of a route that does not exist', () => {
    const usage: Operations<'/usage'> = {
      ...USAGE_OPERATIONS,
      // @ts-expect-error There is no POST /usage.
      'POST /usage': USAGE_OPERATIONS['GET /usage'],
    };
    expect(usage).toHaveProperty(['POST /usage']);
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

test('a description that refers to a schema without a name in components throws', () => {
  const { 'GET /usage': described } = USAGE_OPERATIONS;
  const answers = { 200: { description: 'Usage.', json: z.object({}) } };
  const route = { path: '/usage', isOpen: false } as const;
  expect(() => operationOf(route, { ...described, answers })).toThrow('has no name');
});
