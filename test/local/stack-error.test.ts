import { expect, test } from 'vitest';
import { asStackError, StackError } from '../../local/stack-error.ts';

const failed = (code: string, path?: string) => Object.assign(new Error(`${code}: failed`), { code, path });

test.each([
  [failed('EADDRINUSE'), 'port 3000 is in use: stop what listens there, or set PORT to another one'],
  [failed('ENOSPC', '/data/x'), '/data/x: the disk is full: free some space, or set EVERYTOKEN_DATA_DIR'],
  [
    Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' }),
    'the disk is full: free',
  ],
  [failed('EACCES', '/data/aws'), '/data/aws: it may not be read or written: change its permissions'],
  [new Error('the table differs: move the folder away'), 'the table differs: move the folder away'],
])('%s is a fault that its user can mend', (error, message) => {
  const found = asStackError(error, 3000);
  expect(found).toBeInstanceOf(StackError);
  expect((found as Error).message).toContain(message);
});

test('a bug stays as it is', () => {
  for (const bug of [new TypeError('x is not a function'), failed('ODD'), 'text'])
    expect(asStackError(bug, 3000)).toBe(bug);
});
