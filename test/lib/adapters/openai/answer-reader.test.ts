import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { errorOf } from '../../../../lib/adapters/openai/errors.ts';
import { EverytokenError } from '../../../../lib/errors.ts';
import { DONE, delta, event, finish, usage } from './model-server.ts';

const read = (...texts: string[]) => {
  const reader = makeAnswerReader(0, { onError: (refused) => errorOf(refused, { secrets: [], fields: [] }) });
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

  test('takes the usage only from an event at or after the finish: earlier counts may still grow', () => {
    const running = (content: string, completion_tokens: number) =>
      event({ choices: [{ delta: { content } }], usage: { prompt_tokens: 9, completion_tokens } });
    const cut = read(running('a', 1), running('b', 2), finish()).answer('asked');
    expect(cut.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: null });
    expect(cut.chunks.map(({ tokens }) => tokens)).toEqual([1, 1]);
    const whole = read(running('a', 1), finish(), usage({ completion_tokens: 2 })).answer('asked');
    expect(whole.usage.completion_tokens).toBe(2);
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

  test('ignores comments', () => {
    expect(read(': keep-alive\n\n', 'retry: 10\n\n', 'id: 4\n\n').marks).toEqual({ t0: 0 });
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
          const { text, usage, chunks, finishReason } = read(
            ...events.map((event) => `data: ${JSON.stringify(event)}\n\n`),
          ).answer('asked');
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
