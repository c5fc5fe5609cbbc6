import { expect, test } from 'vitest';
import { makeEmissionLog } from '../../../local/openai/emissions.ts';

test('the emission log keeps the last thousand completions', () => {
  const log = makeEmissionLog();
  for (let at = 0; at <= 1000; at++) log.open(`c${at}`, at);
  expect(log.find('c0')).toBeUndefined();
  expect(log.find('c1')).toMatchObject({ created_ms: 1, clock: 'process.hrtime', unit: 'ms', writes: [] });
  expect(log.find('c1000')?.created_ms).toBe(1000);
});
