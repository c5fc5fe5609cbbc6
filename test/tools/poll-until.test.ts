import { expect, test } from 'vitest';
import { pollUntil } from '../../tools/poll-until.ts';

test('polls until there is a value: 0 and an empty text are values, undefined and false are not', async () => {
  const answers = [undefined, false, 0];
  expect(await pollUntil('a number', () => answers.shift(), 1_000, 1)).toBe(0);
  expect(await pollUntil('a text', async () => '', 1_000, 1)).toBe('');
});

test('throws after the limit with a description of the awaited value at that time', async () => {
  let asked = 0;
  const never = () => {
    asked += 1;
    return false;
  };
  await expect(pollUntil(() => `an answer to ${asked > 1}`, never, 20, 5)).rejects.toThrow(
    'an answer to true: not within 0.02 s',
  );
});
