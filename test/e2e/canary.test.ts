import { expect, test } from 'vitest';
import { canariesIn, canary } from './canary.ts';

const text = canary('aa');
test.each([
  ['as it is', `x${text}y`],
  ['in another case', text.toUpperCase()],
  ...[0, 1, 2].map((shift): [string, string] => [
    `in base64 behind ${shift} bytes`,
    Buffer.from(`${'x'.repeat(shift)}${text} and more`).toString('base64'),
  ]),
  ['in capitals and base64', Buffer.from(`x ${text.toUpperCase()}`).toString('base64url')],
  ['in hex', Buffer.from(text).toString('hex').toUpperCase()],
  ['in percent signs', Buffer.from(text).toString('hex').replace(/../g, '%$&')],
])('a canary is found %s', (_, hidden) => {
  expect(canariesIn(hidden)).not.toEqual([]);
});

test('a text without a canary has none', () => {
  expect(canariesIn(Buffer.from('no bird here at all').toString('base64'))).toEqual([]);
});
