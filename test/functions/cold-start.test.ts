import { expect, test } from 'vitest';
import { makeColdStart } from '../../functions/cold-start.ts';

test('all that is generated in the first invocation of an environment is cold, and nothing later', () => {
  const { begin, isCold } = makeColdStart();
  begin();
  expect([isCold(), isCold()]).toEqual([true, true]);
  begin();
  expect(isCold()).toBe(false);
});
