import { expect, test } from 'vitest';
import { monotonicMs } from '../../../../../local/openai/pace.ts';
import { clockOffsetMs } from '../../../../../tools/bench/truth/clients/everytoken.ts';

test('a clock that is set forward is ahead by that much', () => {
  const ahead = clockOffsetMs({ monotonic: () => monotonicMs() + 12_345 });
  expect(ahead).toBeGreaterThan(12_344);
  expect(ahead).toBeLessThan(12_346);
});
