import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { errorOf } from '../../../../lib/adapters/openai/errors.ts';
import { EverytokenError } from '../../../../lib/errors.ts';
import { calledWith } from '../../../../lib/runs/tool-call.ts';
import { DONE, delta, event, finish, usage } from './model-server.ts';

const read = (...texts: string[]) => {
  const reader = makeAnswerReader(0, {
    onError: (refused, output) => errorOf(refused, { secrets: [output], fields: [] }),
  });
  for (const [at, text] of texts.entries()) reader.feed(Buffer.from(text), at + 1);
  return reader;
};

describe('the reader of an answer', () => {
  test('sets t1, tO and tL by payloads alone, not by role, empty, finish or usage events', () => {
    const reader = read(
      ': keep-alive\n\n', // 1
      delta({ role: 'assistant', content: '' }), // 2
      delta({ reasoning_content: 'hm' }), // 3
      delta({ content: 'a' }), // 4
      ': keep-alive\n\n',
      delta({ content: 'b' }), // 6
      delta({ content: '' }),
      delta({ content: null }),
      finish(),
      usage({ prompt_tokens: 1, completion_tokens: 3 }),
      DONE, // 11
    );
    expect(reader.marks).toEqual({ t0: 0, tR: 2, t1: 3, tO: 4, tL: 6, tE: 11 });
    expect(reader.answer('asked').chunks).toEqual([
      { t_ms: 3, text: 'hm', tokens: null, kind: 'reasoning' },
      { t_ms: 4, text: 'a', tokens: null },
      { t_ms: 6, text: 'b', tokens: null },
    ]);
  });

  test('gives all events that arrive together the same instant', () => {
    const reader = read(
      delta({ role: 'assistant' }),
      delta({ content: 'a' }) + delta({ content: 'b' }),
      finish(),
    );
    expect(reader.marks).toEqual({ t0: 0, tR: 1, t1: 2, tO: 2, tL: 2 });
    expect(reader.answer('asked').chunks.map(({ t_ms }) => t_ms)).toEqual([2, 2]);
  });

  test('gives an event the instant at which it was complete', () => {
    const text = delta({ content: 'a' });
    expect(read(text.slice(0, 9), text.slice(9, -1), text.slice(-1)).marks).toMatchObject({ tR: 3, t1: 3 });
  });

  test('ignores everything after `[DONE]`', () => {
    const reader = read(delta({ content: 'a' }) + finish(), 'data: [DONE]\n\n', delta({ content: 'b' }));
    expect(reader.answer('asked')).toMatchObject({ text: 'a', marks: { tL: 1, tE: 2 } });
  });

  test('returns the requested model when the server names none', () => {
    expect(read('data: {"choices":[]}\n\n').answer('asked')).toMatchObject({
      model: 'asked',
      completionId: null,
    });
  });

  describe.each([
    ['role-only', delta({ role: 'assistant' }), 'tR'],
    ['empty', delta({ content: '', reasoning_content: '', refusal: '', tool_calls: [] }), 'tR'],
    ['null', delta({ content: null }), 'tR'],
    ['finish-only', finish(), 'tR'],
    ['usage-only', usage({ prompt_tokens: 1, completion_tokens: 3 }), 'tR'],
    ['ping', 'event: ping\ndata: {"type":"ping"}\n\n', 'tR'],
    ['choiceless', 'data: {"choices":[]}\n\n', 'tR'],
    ['keep-alive', 'data:\n\n', undefined],
    ['comment', ': keep-alive\n\n', undefined],
  ])('of a stream with a %s event', (_, event, mark) => {
    test('lets it change neither t1, tO nor tL, before and after the text', () => {
      const { marks } = read(event, delta({ content: 'a' }), delta({ content: 'b' }), event, finish());
      expect(marks).toEqual({ t0: 0, tR: mark === 'tR' ? 1 : 2, t1: 2, tO: 2, tL: 3 });
    });

    test('sets no t1, tO and tL by it alone', () => {
      expect(read(event).marks).toEqual({ t0: 0, ...(mark === 'tR' ? { tR: 1 } : {}) });
    });

    test('does not count it as a chunk', () => {
      expect(read(event, delta({ content: 'a' }), event).answer('asked').chunks).toHaveLength(1);
    });
  });

  describe('takes the last sensible usage', () => {
    const counted = { prompt_tokens: 9, completion_tokens: 2 };
    const running = (content: string, completion_tokens: number) =>
      event({ choices: [{ delta: { content } }], usage: { prompt_tokens: 9, completion_tokens } });
    const texts = [delta({ content: 'a' }), delta({ content: 'b' })];

    test.each([
      ['after the finish', [...texts, finish(), usage(counted)]],
      ['after the finish, without `[DONE]`', [...texts, finish(), usage(counted)]],
      ['before the finish', [...texts, usage(counted), finish(), DONE]],
      ['before an empty one', [...texts, finish(), usage(counted), usage({}), DONE]],
      [
        'before one of zeros',
        [...texts, finish(), usage(counted), usage({ prompt_tokens: 0, completion_tokens: 0 })],
      ],
      [
        'before one of nulls',
        [...texts, finish(), usage(counted), usage({ prompt_tokens: null, completion_tokens: null })],
      ],
      ['after zeros in each chunk', [running('a', 0), running('b', 0), finish(), usage(counted)]],
      ['in two parts', [...texts, finish(), usage({ prompt_tokens: 9 }), usage({ completion_tokens: 2 })]],
      [
        'in the choice',
        [...texts, event({ choices: [{ delta: {}, finish_reason: 'stop', usage: counted }] })],
      ],
      [
        'in `x_groq`',
        [...texts, event({ choices: [{ delta: {}, finish_reason: 'stop' }], x_groq: { usage: counted } })],
      ],
      ['running to the last text of a stream that ends', [running('a', 1), running('b', 2), finish(), DONE]],
    ])('%s', (_, events) => {
      expect(read(...events).answer('asked').usage).toMatchObject(counted);
    });

    test.each([
      ['text came after it', [running('a', 1), delta({ content: 'b' }), finish(), DONE]],
      ['the stream was cut before a last one could come', [running('a', 1), running('b', 2), finish()]],
    ])('but none for the output if %s', (_, events) => {
      const { usage: counts } = read(...events).answer('asked');
      expect(counts).toMatchObject({ prompt_tokens: 9, completion_tokens: null });
    });

    test('and keeps the counts of chunks, whose last usage was cut off', () => {
      const { chunks } = read(running('a', 1), running('b', 2), finish()).answer('asked');
      expect(chunks.map(({ tokens }) => tokens)).toEqual([1, 1]);
    });
  });

  test('drops the token counts of chunks when they add up to more than the usage', () => {
    const running = (content: string, completion_tokens: number) =>
      event({ choices: [{ delta: { content } }], usage: { completion_tokens } });
    const { chunks, usage: counts } = read(
      running('a', 100), // reasoning that is not streamed, separated only at the end
      running('b', 101),
      finish(),
      usage({ completion_tokens: 101, completion_tokens_details: { reasoning_tokens: 99 } }),
    ).answer('asked');
    expect(chunks.map(({ tokens }) => tokens)).toEqual([null, null]);
    expect(counts).toMatchObject({ completion_tokens: 101, reasoning_tokens: 99 });
  });

  test.each([
    ['null', 'data: null\n\n'],
    ['a string', 'data: "ping"\n\n'],
    ['a number', 'data: 7\n\n'],
    ['a list', 'data: []\n\n'],
    ['a word', 'data: ping\n\n'],
    ['an unknown object', 'event: ping\ndata: {"type":"ping"}\n\n'],
  ])('passes over an event that is %s, before the finish reason and after it', (_, odd) => {
    const { text, warnings } = read(
      odd,
      delta({ content: 'a' }),
      odd,
      delta({ content: 'b' }),
      finish(),
      odd,
      DONE,
    ).answer('asked');
    expect([text, warnings]).toEqual(['ab', []]);
  });

  test.each(['data:  [DONE]\n\n', 'data: [DONE] \n\n', 'data:[DONE]\r\n\r\n'])('ends with %j', (done) => {
    const reader = read(delta({ content: 'a' }), finish(), done);
    expect([reader.done, reader.answer('asked').text]).toEqual([true, 'a']);
  });

  test('reads a last event that no blank line follows, at the instant of its bytes', () => {
    const last = event({ choices: [{ delta: { content: 'b' }, finish_reason: 'stop' }] });
    for (const cut of ['\n\n', '\n', '']) {
      const reader = read(delta({ content: 'a' }), last.trimEnd() + cut);
      reader.end();
      expect(reader.answer('asked')).toMatchObject({
        text: 'ab',
        finishReason: 'stop',
        marks: { t1: 1, tL: 2 },
      });
    }
  });

  describe('keeps a whole answer', () => {
    const late = (...events: string[]) =>
      read(delta({ content: 'The whole text' }), finish(), ...events).answer('asked');

    test.each([
      ['an error', event({ error: { message: 'bookkeeping failed', code: 500 } }), 'bookkeeping failed'],
      [
        'an error that quotes it',
        event({ error: { message: 'cannot store "The whole text"' } }),
        'cannot store',
      ],
      ['a list of errors', 'data: [{"error":{"code":503,"message":"oh"}}]\n\n', 'oh'],
      ['an error as text', 'event: error\ndata: oh dear\n\n', 'oh dear'],
      ['an error in a choice', event({ choices: [{ error: { message: 'oh' } }] }), 'oh'],
      ['a finish reason of an error', finish('error'), 'stopped in the middle'],
      ['broken JSON', 'data: {"choices":[{"del\n\n', 'not JSON'],
    ])('if %s comes after it, with a warning', (_, event, words) => {
      const { text, finishReason, warnings } = late(event, DONE);
      expect([text, finishReason]).toEqual(['The whole text', 'stop']);
      expect(warnings).toEqual([expect.stringContaining(words)]);
      expect(warnings.join()).not.toContain('whole text');
    });

    test('if an endless event comes after it, with a warning', () => {
      const { text, warnings } = late(...Array(9).fill(`data: ${'x'.repeat(1024 * 1024)}`));
      expect([text, warnings]).toEqual(['The whole text', [expect.stringContaining('8 MiB')]]);
    });

    test('and tells the first of many errors after it', () => {
      const many = event({ error: { message: 'oh' } }).repeat(100_000);
      expect(late(many, DONE).warnings).toHaveLength(1);
    });
  });

  describe('reads a message in place of deltas', () => {
    const message = (content: string, more: object = {}, top: object = {}) =>
      event({ choices: [{ index: 0, message: { role: 'assistant', content }, ...more }], ...top });

    test('whole, with its reasoning apart', () => {
      const whole = event({
        choices: [{ message: { content: 'Hello', reasoning: 'hm' }, finish_reason: 'stop' }],
      });
      const { text, chunks } = read(whole, DONE).answer('asked');
      expect(text).toBe('Hello');
      expect(chunks.map(({ kind, text }) => [kind, text])).toEqual([
        ['reasoning', 'hm'],
        [undefined, 'Hello'],
      ]);
    });

    test('piece by piece, equal pieces included', () => {
      expect(read(message('ha'), message('ha'), message('!'), finish()).answer('asked').text).toBe('haha!');
    });

    test('and adds only what is new when it repeats the deltas at the end', () => {
      const deltas = [delta({ content: 'Hel' }), delta({ content: 'lo' })];
      for (const last of [
        message('Hello you', { finish_reason: 'stop' }),
        message('Hello you', {}, { object: 'chat.completion' }) + finish(),
      ])
        expect(read(...deltas, last).answer('asked').text).toBe('Hello you');
    });

    test.each([
      ['numbered from 1', { index: 1, id: 'a' }, { index: 2, id: 'b' }],
      ['with one number for all', { index: 0, id: 'a' }, { index: 0, id: 'b' }],
      ['without ids', { index: 0 }, { index: 1 }],
      ['with other ids', { index: 0, id: 'x' }, { index: 1, id: 'y' }],
    ])('and adds no call again whose parts came %s', (_, first, second) => {
      const ofTool = (name: string, text: string | object) => ({ function: { name, arguments: text } });
      const parts = [
        { ...first, ...ofTool('f', '{"a": 1}') },
        { ...second, ...ofTool('g', '{"b":') },
      ];
      const last = message('', {
        message: {
          tool_calls: [
            { id: 'a', ...ofTool('f', { a: 1 }) },
            { id: 'b', ...ofTool('g', '{"b":2}') },
            { id: 'c', ...ofTool('h', '{}') },
          ],
        },
        finish_reason: 'tool_calls',
      });
      const { toolCalls } = read(...parts.map((part) => delta({ tool_calls: [part] })), last).answer('asked');
      expect(toolCalls.map(calledWith)).toEqual([
        { name: 'f', text: '{"a": 1}' },
        { name: 'g', text: '{"b":2}' },
        { name: 'h', text: '{}' },
      ]);
    });

    test('and adds nothing when it repeats the deltas without the spaces around them', () => {
      const deltas = [delta({ content: ' Hel' }), delta({ content: 'lo\n' })];
      const last = message('Hello', { finish_reason: 'stop' });
      expect(read(...deltas, last).answer('asked').text).toBe(' Hello\n');
    });
  });

  test('reads the first of several choices, and warns', () => {
    const both = (a: string, b: string) =>
      event({
        choices: [
          { index: 1, delta: { content: b } },
          { index: 0, delta: { content: a } },
        ],
      });
    const apart = (index: number, content: string) => event({ choices: [{ index, delta: { content } }] });
    for (const events of [both('a', 'x') + both('b', 'y'), apart(0, 'a') + apart(1, 'x') + apart(0, 'b')]) {
      const { text, warnings } = read(events, finish(), DONE).answer('asked');
      expect([text, warnings]).toEqual([
        'ab',
        ['the model server sent several choices, of which one was read'],
      ]);
    }
  });

  test('reads choices that are an object', () => {
    const whole =
      event({ choices: { delta: { content: 'a' } } }) +
      event({ choices: { 0: { text: 'b', finish_reason: 'stop' } } });
    expect(read(whole, DONE).answer('asked')).toMatchObject({ text: 'ab', finishReason: 'stop' });
  });

  test('gives a character in two halves the instant of the second, and a lone half a warning', () => {
    const half = (text: string) => `data: {"choices":[{"delta":{"content":"${text}"}}]}\n\n`;
    const { text, chunks, warnings } = read(
      half('a\\ud83d'),
      half('\\ude80'),
      half('\\ud83d'),
      finish(),
    ).answer('asked');
    expect([text, chunks.map(({ t_ms }) => t_ms)]).toEqual(['a🚀\ufffd', [1, 2, 3]]);
    expect(warnings).toEqual(['half of a character came without the other half and became U+FFFD']);
  });

  describe('has no answer', () => {
    const failureOf = (sent: object, ...events: string[]) => {
      const reader = read(...events);
      reader.end();
      return reader.failure(sent);
    };
    const empty = (completion_tokens: number, more: object = {}) =>
      usage({ prompt_tokens: 9, completion_tokens, ...more });

    test('where tokens were counted and no payload was understood', () => {
      const expected = { code: 'unreadable_output', retryable: false };
      expect(failureOf({}, delta({ content: '' }), finish(), empty(4))).toMatchObject(expected);
      expect(failureOf({}, delta({ text_of_the_future: 'a' }), finish(), empty(4))).toMatchObject(expected);
      expect(failureOf({}, delta({ content: { rays: 'a' } }), finish(), empty(1))).toMatchObject(expected);
      expect(failureOf({}, delta({ content: { rays: 'a' } }), finish())).toMatchObject(expected);
    });

    test.each([
      ['without usage', {}, [finish()]],
      ['of the one token that ends it', {}, [finish(), empty(1)]],
      [
        'of hidden reasoning',
        {},
        [finish('length'), empty(50, { completion_tokens_details: { reasoning_tokens: 50 } })],
      ],
      ['cut at a stop sequence', { stop: ['###'] }, [finish(), empty(3)]],
      ['that was filtered', {}, [finish('content_filter'), empty(9)]],
      [
        'with a call to a tool',
        {},
        [delta({ tool_calls: [{ function: { name: 'f' } }] }), finish('tool_calls'), empty(9)],
      ],
      ['with reasoning', {}, [delta({ reasoning: 'hm' }), finish('length'), empty(9)]],
      [
        'with a lone half of a character',
        {},
        ['data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\n', finish(), empty(9)],
      ],
    ])('unlike an output %s', (_, sent, events) => {
      expect(failureOf(sent, ...events)).toBeUndefined();
    });

    test('but warns of a hole in a text', () => {
      const { text, warnings } = read(
        delta({ content: ['a', { rays: 'b' }, 'c'] }),
        finish(),
        empty(3),
      ).answer('asked');
      expect([text, warnings]).toEqual([
        'ac',
        ['a part of the output came in an unknown shape and was left out'],
      ]);
    });
  });

  test('ignores comments', () => {
    expect(read(': keep-alive\n\n', 'retry: 10\n\n', 'id: 4\n\n').marks).toEqual({ t0: 0 });
  });

  test('keeps no spaces and empty lines before the first event, however many', () => {
    const spaces = Array<string>(1_000).fill(`${' '.repeat(99_999)}\n`);
    const reader = read(...spaces, delta({ content: 'a' }), finish(), DONE);
    expect(reader.answer('asked').text).toBe('a');
  });

  test.each([
    ['a line of JSON', '{"error":{"message":"oh no","code":400}}\n'],
    ['a field error', 'error: {"message":"oh no","code":400}\n'],
  ])('reads an error in a stream that has begun from %s', (_, line) => {
    expect(() => read(delta({ content: 'a' }), line)).toThrow(/400.*oh no/);
    expect(read(delta({ content: 'a' }), finish(), line).answer('asked').text).toBe('a');
    expect(read('pong\n', delta({ content: 'a' }), finish(), DONE).answer('asked').text).toBe('a');
  });

  test('ends an output that does not stop, and keeps it whole if it had ended', () => {
    const long = Array<string>(9).fill(delta({ content: 'x'.repeat(1024 * 1024) }));
    expect(() => read(...long)).toThrow(/did not stop/);
    const reader = read(delta({ content: 'a' }), finish(), ...long);
    expect(reader.done).toBe(true);
    expect(reader.marks.tE).toBe(10); // when it had become too long
    expect(reader.answer('asked').warnings).toEqual([expect.stringMatching(/did not stop/)]);
  });

  test('gives the instant of the finish reason as that of the last event, whatever comes after it', () => {
    const reader = read(delta({ content: 'a' }), finish(), event({ choices: [] }), event({ choices: [] }));
    expect(reader.lastEventAt).toBe(2);
  });

  test('reads no count of tokens that is too large to be one', () => {
    const counts = { prompt_tokens: 1e300, completion_tokens: 2 ** 53 };
    const { usage: counted } = read(delta({ content: 'a' }), finish(), usage(counts), DONE).answer('asked');
    expect(counted).toMatchObject({ prompt_tokens: null, completion_tokens: null });
  });

  test('throws an EverytokenError for an endless event', () => {
    const long = `data: ${'x'.repeat(1024 * 1024)}`;
    expect(() => read(...Array(9).fill(long))).toThrow(EverytokenError);
  });

  test('reads any JSON as an event or throws an EverytokenError', () => {
    const any = fc.jsonValue({ maxDepth: 3 });
    const shaped = fc.record(
      {
        id: any,
        model: any,
        error: fc.option(any, { freq: 8 }),
        usage: fc.oneof(any, fc.record({ completion_tokens: any, completion_tokens_details: any })),
        choices: fc.oneof(
          any,
          fc.array(
            fc.record(
              {
                index: fc.option(fc.nat(1)),
                message: any,
                text: any,
                error: fc.option(any, { freq: 8 }),
                finish_reason: any,
                logprobs: fc.oneof(any, fc.record({ content: any, refusal: any })),
                delta: fc.oneof(
                  any,
                  fc.record({
                    content: any,
                    reasoning: any,
                    refusal: any,
                    tool_calls: any,
                    function_call: any,
                  }),
                ),
              },
              { requiredKeys: [] },
            ),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(any, shaped), { maxLength: 6 }), (events) => {
        try {
          const reader = read(...events.map((event) => `data: ${JSON.stringify(event)}\n\n`));
          reader.end();
          const failure = reader.failure({});
          if (failure) expect(failure).toBeInstanceOf(EverytokenError);
          const { text, toolCalls, usage, chunks, finishReason } = reader.answer('asked');
          expect(JSON.stringify({ text, toolCalls, chunks, finishReason })).not.toMatch(/\\ud[89a-f]/);
          expect([typeof text, typeof finishReason]).toEqual(['string', 'string']);
          expect(
            chunks.every((chunk) => chunk.text !== '' && (chunk.tokens === null || chunk.tokens > 0)),
          ).toBe(true);
          for (const count of Object.values(usage))
            expect(count === null || Number.isInteger(count)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(EverytokenError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
