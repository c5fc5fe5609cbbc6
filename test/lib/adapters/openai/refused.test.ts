import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../../../lib/adapters/openai/errors.ts';
import { errorIn, readRefused } from '../../../../lib/adapters/openai/refused.ts';
import { EverytokenError } from '../../../../lib/errors.ts';
import { refusedFieldOf } from '../../../../lib/generate/model.ts';

const PROMPT = 'Explain vector databases in a technical manner.';
const KEY = 'sk-secret-0123456789';
const sent = { secrets: [PROMPT, KEY], fields: ['top_k', 'temperature', 'stream_options', 'max_tokens'] };
const errorFrom = (body: unknown, status?: number) => errorOf(readRefused(body, { status }), sent);

const gemini = (error: object) => [{ error }];
const TOO_LONG = 'This model maximum context length is 2048 tokens';

describe('an error of any shape', () => {
  test.each([
    [{ error: { message: TOO_LONG, code: 400 } }, 'invalid_request', false],
    [
      { object: 'error', message: TOO_LONG, type: 'BadRequestError', param: null, code: 400 },
      'invalid_request',
      false,
    ],
    [{ message: TOO_LONG, code: '400' }, 'invalid_request', false],
    [{ error: TOO_LONG, code: 400 }, 'invalid_request', false],
    [{ error: true, message: TOO_LONG, status: 400 }, 'invalid_request', false],
    [{ error: 'Bad Request', message: TOO_LONG }, 'invalid_request', false],
    [{ errors: [{ message: TOO_LONG, code: 'BAD_REQUEST' }] }, 'invalid_request', false],
    [
      { error: { message: { detail: [{ loc: ['body'], msg: TOO_LONG }] }, code: 422 } },
      'invalid_request',
      false,
    ],
    [{ error: TOO_LONG, error_type: 'validation' }, 'invalid_request', false],
    [gemini({ code: 400, message: TOO_LONG, status: 'INVALID_ARGUMENT' }), 'invalid_request', false],
    [gemini({ message: TOO_LONG, status: 'FAILED_PRECONDITION' }), 'invalid_request', false],
    [`Error code: 400 - ${TOO_LONG}`, 'invalid_request', false],
    [{ error: JSON.stringify({ error: { message: TOO_LONG, code: 400 } }) }, 'invalid_request', false],
    [gemini({ code: 429, message: TOO_LONG, status: 'RESOURCE_EXHAUSTED' }), 'rate_limited', true],
    [{ error: { message: TOO_LONG, status: 'RESOURCE_EXHAUSTED' } }, 'rate_limited', true],
    [{ error: { message: TOO_LONG, status: 'UNAVAILABLE' } }, 'upstream_error', true],
    [{ code: 502, message: TOO_LONG }, 'upstream_error', true],
    [{ detail: TOO_LONG }, 'upstream_error', true],
    [{ error: TOO_LONG }, 'upstream_error', true],
    [TOO_LONG, 'upstream_error', true],
    [{ errorMessage: TOO_LONG, errorCode: 400 }, 'invalid_request', false],
    [{ Message: TOO_LONG, __type: 'ValidationException' }, 'invalid_request', false],
    [{ error: 'bad_request', reason: TOO_LONG, code: 400 }, 'invalid_request', false],
    [{ error: { innererror: { message: TOO_LONG } }, code: 400 }, 'invalid_request', false],
    [{ errors: { messages: [TOO_LONG] }, status: 400 }, 'invalid_request', false],
    [{ error: { message: { en: TOO_LONG }, code: 400 } }, 'invalid_request', false],
    [{ base_resp: { status_code: 1013, status_msg: TOO_LONG }, choices: null }, 'upstream_error', true],
    [{ Response: { Error: { Code: 'InvalidArgument', Message: TOO_LONG } } }, 'invalid_request', false],
    [`<html><head><title>${TOO_LONG}</title></head><body>x</body></html>`, 'upstream_error', true],
    [
      { error: { message: 'Provider returned error', code: 502, metadata: { raw: TOO_LONG } } },
      'upstream_error',
      true,
    ],
  ])('%j tells its words and is %s', (body, code, retryable) => {
    expect(errorFrom(body)).toMatchObject({
      code,
      retryable,
      message: expect.stringContaining(TOO_LONG),
    });
  });

  test.each([
    [{ error: { code: 'invalid_api_key', message: 'Incorrect API key provided: sk-12***34' } }, 401],
    [{ error: { message: 'no', status: 'UNAUTHENTICATED' } }, undefined],
    [{ error: 'Unauthorized' }, undefined],
    [
      gemini({
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
      }),
      400,
    ],
    [gemini({ code: 400, message: 'no', details: [{ reason: 'API_KEY_INVALID' }] }), 400],
    [{ code: 'Client specified an invalid argument', error: 'Incorrect API key provided: to****re.' }, 400],
    [{ detail: 'Invalid API key' }, 400],
  ])('%j about the key is a configuration error without a word of it', (body, status) => {
    const error = errorFrom(body, status);
    expect(error).toMatchObject({ code: 'configuration', retryable: false });
    expect(error.message).toContain('OPENAI_API_KEY');
    expect(error.message).not.toMatch(/sk-|\*/);
  });

  test.each([
    [
      {
        object: 'error',
        message: {
          detail: [
            {
              type: 'extra_forbidden',
              loc: ['body', 'stream_options', 'include_usage'],
              msg: 'Extra inputs are not permitted',
              input: true,
            },
          ],
        },
        code: null,
      },
      422,
      'stream_options',
    ],
    [
      {
        detail: [
          { loc: ['body', 'temperature'], msg: 'Input should be at most 2' },
          { type: 'extra_forbidden', loc: ['body', 'top_k'], msg: 'no' },
        ],
      },
      422,
      'top_k',
    ],
    [
      gemini({
        code: 400,
        message: 'Invalid JSON payload received. Unknown name "top_k": Cannot find field.',
        status: 'INVALID_ARGUMENT',
      }),
      400,
      'top_k',
    ],
    [
      gemini({
        code: 400,
        message: 'no',
        details: [
          {
            fieldViolations: [
              { field: 'top_k', description: 'Unknown field' },
              { field: 'top_k', description: 'is not supported' },
            ],
          },
        ],
      }),
      400,
      'top_k',
    ],
    [
      { error: { message: 'no', code: 'unsupported_parameter', param: 'stream_options.include_usage' } },
      400,
      'stream_options',
    ],
    [{ error: 'Unknown parameter: top_k' }, undefined, 'top_k'],
    [{ message: "got an unexpected keyword argument 'top_k'", code: 400 }, undefined, 'top_k'],
    ["Additional properties are not allowed ('top_k' was unexpected)", 400, 'top_k'],
    [{ title: 'Not valid', errors: { top_k: ['is not a known field'] } }, 400, 'top_k'],
    [{ errors: { top_k: ['must be positive'] } }, 400, undefined],
    [{ detail: [{ loc: ['body', 'temperature'], msg: 'Input should be at most 2' }] }, 422, undefined],
    [{ error: { message: 'top_k must be positive', param: 'top_k' } }, 400, undefined],
    [{ error: { message: 'top_k is not supported' } }, 503, undefined],
  ])('%j, with status %s, refuses the field %s', (body, status, field) => {
    expect(refusedFieldOf(errorFrom(body, status))).toBe(field);
  });

  test('names the field that FastAPI points to and does not quote its input', () => {
    const body = {
      detail: [
        { loc: ['body', 'messages', 0], msg: 'Field required', input: { role: 'x', content: PROMPT } },
      ],
    };
    const { message } = errorFrom(body, 422);
    expect(message).toContain('body.messages.0: Field required');
    expect(message).not.toContain('vector');
  });

  test('tells a code that is a word beside the status', () => {
    const { message } = errorFrom({ error: { code: 'context_length_exceeded', message: 'too long' } }, 400);
    expect(message).toBe('the model server refused the request (400 context_length_exceeded): too long');
  });

  test.each([402, 429])('without credit is final at once: %i', (status) => {
    const error = errorFrom({ error: { code: 'insufficient_quota', message: 'pay' } }, status);
    expect(error).toMatchObject({ code: 'insufficient_quota', retryable: false });
  });

  test('hides keys, whole or with asterisks, in the words of others than the key', () => {
    const body = { error: { message: `${KEY}, sk-proj-abc and ab****yz may not use this model` } };
    for (const status of [400, 403, 404, 500])
      expect(errorFrom(body, status).message).not.toMatch(/secret|proj|yz/);
  });

  test('of any JSON is an EverytokenError in a line of bounded length', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 5 }),
        fc.option(fc.integer({ min: 400, max: 599 })),
        (body, status) => {
          const error = errorFrom(body, status ?? undefined);
          expect(error).toBeInstanceOf(EverytokenError);
          expect(error.message.length).toBeLessThan(600);
          expect(error.message).not.toMatch(/\n/);
        },
      ),
    );
  });

  test('of many long words is read in linear time', () => {
    const wordOf = (at: number) => ({ message: `${at}${'x'.repeat(10_000)}` });
    const body = Array.from({ length: 10 }, (_, list) =>
      Array.from({ length: 10 }, (_, at) => wordOf(10 * list + at)),
    );
    expect(errorFrom(body).code).toBe('upstream_error');
  });

  test('nested without end is read without overflowing the stack', () => {
    const deep = JSON.parse(`${'[{"error":'.repeat(50_000)}"x"${'}]'.repeat(50_000)}`);
    expect(errorFrom(deep).code).toBe('upstream_error');
    expect(errorIn(JSON.parse(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`))).toBeUndefined();
  });
});

describe('an event', () => {
  test.each([
    [{ error: { message: 'x' } }],
    [{ error: 'x', choices: [] }],
    [{ error: true, message: 'x' }],
    [{ errors: [{ message: 'x' }] }],
    [{ detail: 'x' }],
    [{ detail: [{ loc: ['body'], msg: 'x' }] }],
    [[{ error: { code: 429 } }]],
    [{ object: 'error', message: 'x' }],
    [{ type: 'error', message: 'x' }],
    [{ type: 'overloaded_error' }],
    [{ message: 'x', code: 500 }],
    [{ message: 'x', status: 'RESOURCE_EXHAUSTED' }],
    [{ message: 'Internal server error' }],
    [{ error_code: 336003, error_msg: 'x' }],
    [{ errorCode: 336003, errorMsg: 'x' }],
    [{ message: 'x', code: 400, choices: [] }],
    [{ message: 'x', code: 400, choices: null }],
    [{ base_resp: { status_code: 1004, status_msg: 'x' }, choices: null }],
    [{ type: 'done', response: { error: { message: 'x' } } }],
  ])('%j is an error', (event) => {
    expect(errorIn(event)).toBeDefined();
  });

  test.each([
    [null],
    ['ping'],
    [7],
    [[]],
    [[null, 1]],
    [{}],
    [{ type: 'ping' }],
    [{ type: 'ping', message: 'still here' }],
    [{ message: 'success', code: 0 }],
    [{ message: 'ok', status: 200 }],
    [{ choices: [], error: null }],
    [{ choices: [], error: {} }],
    [{ choices: [{ delta: { content: 'a' } }], error: { code: 0, message: '' } }],
    [{ choices: [{ delta: { content: 'a' } }], error: { code: null, message: null } }],
    [{ choices: [], base_resp: { status_code: 0, status_msg: 'success' } }],
    [{ choices: [{ delta: { content: 'a' } }], base_resp: { status_code: 1027, status_msg: 'x' } }],
    [{ type: 'created', response: { error: null, status: 'in_progress' } }],
    [{ choices: [{ delta: { content: 'a' } }], message: 'x', code: 500 }],
    [{ title: 'a title' }],
  ])('%j is no error', (event) => {
    expect(errorIn(event)).toBeUndefined();
  });
});
