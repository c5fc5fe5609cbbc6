import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findResource } from '../../../../local/aws/gateway/find-resource.ts';

const resources = ['/', '/runs', '/runs/{id}', '/runs/{id}/cancel', '/runs/all', '/v1/{proxy+}', '/{proxy+}'];

test.each([
  ['/', '/', {}],
  ['/runs', '/runs', {}],
  ['/runs/', '/runs', {}],
  ['/runs/all', '/runs/all', {}],
  ['/runs/r1', '/runs/{id}', { id: 'r1' }],
  ['/runs/a%2Fb', '/runs/{id}', { id: 'a/b' }],
  ['/runs/r1/cancel', '/runs/{id}/cancel', { id: 'r1' }],
  ['/runs/r1/other', '/{proxy+}', { proxy: 'runs/r1/other' }],
  ['/v1/chat/completions', '/v1/{proxy+}', { proxy: 'chat/completions' }],
  ['/v1', '/{proxy+}', { proxy: 'v1' }],
  ['/%zz', '/{proxy+}', { proxy: '%zz' }],
])('the path %s leads to the resource %s', (path, resource, parameters) => {
  expect(findResource(resources, path)).toEqual({ path: resource, parameters });
});

test('the resource found does not depend on the order of the resources', () => {
  const paths = fc
    .array(fc.constantFrom('runs', 'all', 'cancel', 'v1', 'x'))
    .map((parts) => `/${parts.join('/')}`);
  const shuffled = fc.shuffledSubarray(resources, { minLength: resources.length });
  fc.assert(
    fc.property(shuffled, paths, (order, path) => {
      expect(findResource(order, path)).toEqual(findResource(resources, path));
    }),
    { numRuns: 100 },
  );
});

test('a path that fits no resource finds none', () => {
  expect(findResource(['/', '/runs'], '/other')).toBeUndefined();
});
