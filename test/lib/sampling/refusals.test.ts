import { describe, expect, test } from 'vitest';
import { refusedField } from '../../../lib/sampling/refusals.ts';

const SENT = ['max_tokens', 'temperature', 'top_k', 'top_p', 'reasoning_effort', 'logprobs'];

describe('the refused field', () => {
  test.each([
    ['Unrecognized request argument supplied: top_k', 'top_k'],
    ["Unsupported parameter: 'temperature' is not supported with this model.", 'temperature'],
    [
      "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) is.",
      'temperature',
    ],
    ["Unsupported parameter: 'max_tokens' … Use 'max_completion_tokens' instead.", 'max_tokens'],
    ["property 'top_k' is unsupported", 'top_k'],
    ["{'loc': ('body', 'top_k'), 'msg': 'Extra inputs are not permitted'}", 'top_k'],
    ['Invalid JSON payload received. Unknown name "top_k": Cannot find field.', 'top_k'],
    ["got an unexpected keyword argument 'top_k'", 'top_k'],
    ["Additional properties are not allowed ('top_k' was unexpected)", 'top_k'],
    ['top_k: is not a known field', 'top_k'],
    ['logprobs are not available for this model', 'logprobs'],
  ])('of %j is %s', (message, field) => {
    expect(refusedField({ message }, SENT)).toBe(field);
  });

  test('is the one in param, even if the message names others', () => {
    const message = 'top_p is not supported together with temperature';
    expect(refusedField({ message, param: 'temperature' }, SENT)).toBe('temperature');
  });

  test('is the one on the path in param', () => {
    const complaint = { message: 'no', code: 'extra_forbidden', param: 'body.reasoning_effort.summary' };
    expect(refusedField(complaint, SENT)).toBe('reasoning_effort');
  });

  test('is recognised by the code alone', () => {
    expect(refusedField({ message: 'no', code: 'unsupported_parameter', param: 'logprobs' }, SENT)).toBe(
      'logprobs',
    );
  });

  test.each([
    [
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
      'temperature',
    ],
    ["This model's maximum context length is 8192 tokens", 'messages'],
  ])('is undefined when only the value is invalid: %j', (message, param) => {
    expect(refusedField({ message, param, code: 'invalid_value' }, SENT)).toBeUndefined();
  });

  test.each([
    "Invalid schema for response_format 'person': In context=('properties', 'age'), 'not' is not permitted.",
    "response_format: schema must have a 'type' key, and 'oneOf' is not supported",
    'the keyword "oneOf" of the JSON schema in response_format is not supported',
  ])('is undefined when it is about a schema in the field: %j', (message) => {
    expect(refusedField({ message, param: 'response_format' }, ['response_format'])).toBeUndefined();
  });

  test('is undefined when the named field was not sent', () => {
    expect(
      refusedField({ message: 'Unrecognized request argument supplied: top_k' }, ['top_p']),
    ).toBeUndefined();
  });

  test('is not found inside a longer word', () => {
    expect(refusedField({ message: 'Unknown parameter: stop_top_k_now' }, SENT)).toBeUndefined();
  });
});
