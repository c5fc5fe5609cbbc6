import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeEventJson } from '../../../../lib/adapters/openai/event-json.ts';
import { readTokenLogprobs } from '../../../../lib/runs/token-logprobs.ts';

/** The value of a parsed text, copied, since it does not last, or the name of the error that the parser throws. */
const outcome = (parse: (data: string) => unknown, data: string): unknown => {
  try {
    return { value: structuredClone(parse(data)) };
  } catch (error) {
    return { thrown: (error as Error).name };
  }
};

/** Expects the values and errors of `JSON.parse` for a stream's events, one after another. */
const expectAsParsed = (datas: readonly string[]): void => {
  const parse = makeEventJson();
  for (const data of datas) expect(outcome(parse, data), data).toEqual(outcome(JSON.parse, data));
};

const content = (text: string, more: object = {}) => ({
  ...{ id: 'c1', object: 'chat.completion.chunk', model: 'm' },
  choices: [{ index: 0, delta: { content: text }, logprobs: null, finish_reason: null }],
  ...more,
});
const reasoning = (text: string) => ({
  choices: [{ index: 0, delta: { reasoning_content: text, content: null } }],
});
const tool = (text: string, index = 0) => ({
  choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: text } }] } }],
});
const completion = (text: string) => ({ choices: [{ index: 0, text, finish_reason: null }] });
const response = (delta: string, sequence_number: number) => ({
  ...{
    type: 'response.output_text.delta',
    sequence_number,
    item_id: 'm1',
    output_index: 0,
    delta,
    logprobs: [],
  },
});
const usage = (completion_tokens: number) => ({
  usage: { prompt_tokens: 3, completion_tokens, total_tokens: 3 + completion_tokens },
});
const padded = (text: string, obfuscation: string) => content(text, { obfuscation });

/** A token with its bytes, its fields in one of the orders in which servers write them. */
const scored = (token: string, logprob: number, sort: number, more: object = {}) => {
  const bytes = sort === 2 ? null : [...Buffer.from(token)];
  return sort === 1 ? { token, bytes, logprob, ...more } : { token, logprob, bytes, ...more };
};
const withLogprobs = (tokens: readonly [string, number][], sort: number) =>
  tokens.map(([token, logprob]) =>
    scored(token, logprob, sort, {
      top_logprobs: tokens.map(([other, own], at) => scored(other, own - at, sort)),
    }),
  );

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
const count = fc.nat(2_000_000);

const event = fc.oneof(
  text.map((one) => content(one)),
  fc.tuple(text, count).map(([one, tokens]) => content(one, usage(tokens))),
  fc.tuple(text, count).map(([one, tokens]) => ({ ...usage(tokens), ...content(one) })),
  text.map(reasoning),
  fc.tuple(text, fc.nat(2)).map(([one, index]) => tool(one, index)),
  text.map(completion),
  fc.tuple(text, count).map(([one, number]) => response(one, number)),
  fc.json().map((json) => JSON.parse(json)),
);

describe('events of a stream have the values that JSON.parse gives', () => {
  test('in streams of all kinds of events, written with and without spaces', () => {
    const datas = fc.array(fc.tuple(event, fc.constantFrom(0, 1)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(datas, (drawn) => {
        expectAsParsed(
          drawn.map(([one, spaces]) =>
            spaces === 0 ? JSON.stringify(one) : JSON.stringify(one, null, 1).replaceAll('\n', ''),
          ),
        );
      }),
    );
  });

  test('in a run of one kind, whose text and counts alone change', () => {
    const runs = fc.array(fc.tuple(text, count), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(runs, fc.nat(5), (drawn, kind) => {
        const kinds = [
          (one: string) => content(one),
          (one: string, tokens: number) => content(one, usage(tokens)),
          (one: string) => reasoning(one),
          (one: string) => tool(one),
          (one: string) => completion(one),
          response,
        ];
        expectAsParsed(drawn.map(([one, tokens]) => JSON.stringify(kinds[kind]?.(one, tokens))));
      }),
    );
  });

  const logprob = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -20, max: 0, noNaN: true }).map(Math.fround),
    fc.double({ min: -20, max: 0, noNaN: true }).map((one) => Number(one.toPrecision(8))),
    fc.constantFrom(0, -0, -9999, -1e-7, 1e21),
  );
  const tokens = fc.array(fc.tuple(text, logprob), { minLength: 1, maxLength: 3 });

  test('in a run of tokens with log probabilities, by either API, and of padded events', () => {
    const runs = fc.array(fc.tuple(tokens, text), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(runs, fc.nat(2), fc.nat(2), (drawn, kind, sort) => {
        const kinds = [
          (entries: object[], one: string) => ({
            choices: [{ index: 0, delta: { content: one }, logprobs: { content: entries, refusal: null } }],
          }),
          (entries: object[], one: string) => ({ ...response(one, 7), logprobs: entries, obfuscation: 'x' }),
          (_: object[], one: string) => padded('a word', one),
        ];
        expectAsParsed(
          drawn.map(([list, one]) => JSON.stringify(kinds[kind]?.(withLogprobs(list, sort), one))),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('or errors, for damaged log probabilities', () => {
    const damage = fc.tuple(fc.nat(300), fc.nat(3), fc.stringMatching(/^[-0-9.,eE[\]{}"]{0,3}$/));
    fc.assert(
      fc.property(tokens, damage, (list, [at, length, put]) => {
        const data = JSON.stringify({ ...response('a', 7), logprobs: withLogprobs(list, 0) });
        expectAsParsed([data, data.slice(0, at) + put + data.slice(at + length), data]);
      }),
      { numRuns: 500 },
    );
  });

  test('or errors, for bytes that were damaged between events of one kind', () => {
    const damage = fc.tuple(fc.nat(400), fc.nat(3), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, count, damage), { minLength: 2, maxLength: 8 }), (drawn) => {
        const datas = drawn.flatMap(([one, tokens, [at, length, put]]) => {
          const data = JSON.stringify(content(one, usage(tokens)));
          return [data, data.slice(0, at) + put + data.slice(at + length), data];
        });
        expectAsParsed(datas);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a field that a later one of the same name replaces', '{"delta":"a","delta":"b"}'],
    ['a field that one of an escaped name replaces', '{"delta":"a","d\\u0065lta":"b"}'],
    [
      'a count that one of an escaped name replaces',
      '{"delta":"a","sequence_number":1,"sequence_numbe\\u0072":2}',
    ],
    ['a text with the name of its own field', '{"delta":"\\"delta\\":\\"x\\"","n":1}'],
    ['a quote that ends the text early', '{"delta":"a","n":"b"}'],
    ['a number with leading zeros', '{"sequence_number":007,"delta":"a"}'],
    ['a negative count', '{"sequence_number":-1,"delta":"a"}'],
    ['a count that is no whole number', '{"sequence_number":1.5,"delta":"a"}'],
    ['a count beyond exact numbers', '{"sequence_number":12345678901234567890,"delta":"a"}'],
    ['a control character', '{"sequence_number":3,"delta":"a\u0001"}'],
    ['half of a character', '{"sequence_number":3,"delta":"\\ud83d"}'],
    ['no text', '{"sequence_number":3,"delta":""}'],
    ['a list', '[{"delta":"a"}]'],
    ['half an event', '{"sequence_number":3,"del'],
  ])('also with %s', (_, odd) => {
    const plain = (number: number) => `{"sequence_number":${number},"delta":"word ${number}"}`;
    expectAsParsed([odd, odd, plain(1), plain(2), odd, plain(30), '{"delta":"a","n":"c"}', odd]);
  });
});

test('log probabilities of an event last, and lists that are read as they stand are not copied', () => {
  const parse = makeEventJson();
  const dataOf = (token: string) =>
    JSON.stringify({ ...response(token, 1), logprobs: withLogprobs([[token, -0.5]], 0) });
  const [, first, second] = ['x', 'a', 'b'].map((token) => {
    const { logprobs } = parse(dataOf(token)) as { logprobs: unknown[] };
    return { logprobs, read: readTokenLogprobs(logprobs) };
  });
  expect(first?.read).toBe(first?.logprobs);
  expect([...(first?.read ?? [])]).toEqual(withLogprobs([['a', -0.5]], 0));
  expect([...(second?.read ?? [])]).toEqual(withLogprobs([['b', -0.5]], 0));
});

test('an event like the one before it is not parsed: its object is that of an earlier one', () => {
  const parse = makeEventJson();
  const [first, second, third] = ['a', 'b', 'c'].map((one) => parse(JSON.stringify(content(one))));
  expect(third).toBe(second);
  expect(second).not.toBe(first);
  expect(third).toEqual(content('c'));
});

test('a stream without events that are alike is parsed as it is, and one that becomes alike later is not searched on', () => {
  const parse = makeEventJson();
  const varied = Array.from({ length: 40 }, (_, id) => ({ ...content('a'), id: `c${id}` }));
  for (const one of varied) expect(parse(JSON.stringify(one))).toEqual(one);
  const [first, second] = ['a', 'b'].map((one) => parse(JSON.stringify(content(one))));
  expect(second).not.toBe(first);
});
