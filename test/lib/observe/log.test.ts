import { expect, test } from 'vitest';
import { InvalidInputError, UpstreamError } from '../../../lib/errors.ts';
import { errorFields } from '../../../lib/observe/log.ts';

test('our own error is logged with code and message, and with the class of its cause only', () => {
  const cause = Object.assign(new TypeError('the server quotes a prompt'), { status: 401, code: 'EPIPE' });
  expect(errorFields(new UpstreamError('openai', 'it failed', { cause }))).toEqual({
    code: 'upstream_error',
    error: 'it failed',
    cause: 'TypeError 401',
  });
  const odd = Object.assign(new TypeError('x'), { code: 'a prompt as a code' });
  expect(errorFields(new UpstreamError('openai', 'it failed', { cause: odd })).cause).toBe('TypeError');
  expect(errorFields(new UpstreamError('openai', 'it failed', { cause: 'a prompt' })).cause).toBe('string');
  expect(errorFields(new UpstreamError('openai', 'it failed'))).not.toHaveProperty('cause');
});

test('the message of an input error is not logged, since it can quote the input', () => {
  const error = new InvalidInputError([{ path: 'a prompt', message: 'a prompt' }], { code: 'bad_job' });
  expect(errorFields(error)).toEqual({ code: 'bad_job', error: 'InvalidInputError' });
});

test('an unknown error is logged with message and stack', () => {
  const { code, error } = errorFields(new TypeError('reading x of undefined'));
  expect(code).toBe('internal');
  expect(error).toMatch(/^TypeError: reading x of undefined\n\s+at .*log\.test\.ts/);
  expect(errorFields('thrown text')).toEqual({ code: 'internal', error: 'string' });
});

test('the text in a parse error is not logged', () => {
  const read = (text: string) => {
    try {
      return JSON.parse(text);
    } catch (error) {
      return errorFields(error);
    }
  };
  expect(read('a prompt').error).toMatch(/^SyntaxError\n\s+at JSON\.parse/);
  expect(JSON.stringify(read('a prompt'))).not.toContain('prompt');
});

test('an invalid header value is not logged, since it can be a key', () => {
  const build = (key: string) => {
    try {
      return new Headers({ authorization: `Bearer ${key}` });
    } catch (error) {
      return errorFields(error);
    }
  };
  const { code, error } = build('sk-secret\nsecond line') as ReturnType<typeof errorFields>;
  expect(code).toBe('internal');
  expect(error).toMatch(/^TypeError\n\s+at /);
  expect(error).not.toContain('secret');
});
