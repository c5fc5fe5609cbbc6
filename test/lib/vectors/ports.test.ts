import { expect, test } from 'vitest';
import { namespaceOf } from '../../../lib/vectors/ports.ts';

test('each model and caller has a namespace of its own', () => {
  expect(namespaceOf('', 'text-embedding-3-small', 'local')).toBe('text-embedding-3-small:local');
  expect(namespaceOf('prod-', 'everytoken-use', 'ann')).toBe('prod-everytoken-use:ann');
});
