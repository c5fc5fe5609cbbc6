import { expect, test } from 'vitest';
import { parseApiKeys } from '../../lib/keys/api-key.ts';
import { withOwnKey } from '../../local/api-key.ts';

const secret = 'a-secret-of-acme-0123456789';

test('a stack whose API asks for no key has none', () => {
  for (const list of [undefined, '', ' , '])
    expect(withOwnKey(list, 'local')).toEqual({ list: '', key: null });
});

test('a list of keys gets another one for the stack’s own caller, which is valid and new each time', () => {
  const { list, key } = withOwnKey(`acme:${secret}`, 'local');
  expect(list).toBe(`acme:${secret},local:${key}`);
  expect([...parseApiKeys(list).values()]).toEqual(['acme', 'local']);
  expect(withOwnKey(`acme:${secret}`, 'local').key).not.toBe(key);
});

test('a secret that the list has for this caller is its key', () => {
  const given = `acme:${secret}, local:my-own-0123456789`;
  expect(withOwnKey(given, 'local')).toEqual({ list: given, key: 'my-own-0123456789' });
});
