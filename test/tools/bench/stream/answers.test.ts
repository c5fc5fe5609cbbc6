import { createParser } from 'eventsource-parser';
import { expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { answerOf, framedBody, SHAPE_NAMES } from '../../../../tools/bench/stream/answers.ts';

const EVENTS = 40;

/** The data of each event in a body in chunked transfer coding. */
const datasIn = (body: Buffer): string[] => {
  const datas: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => datas.push(data) });
  for (let from = 0; ; ) {
    const line = body.indexOf('\r\n', from);
    const size = Number.parseInt(body.subarray(from, line).toString(), 16);
    if (size === 0) return datas;
    parser.feed(body.subarray(line + 2, line + 2 + size).toString());
    from = line + 2 + size + 2;
  }
};

test.each(SHAPE_NAMES)('an answer in the shape %s is read whole, with its tokens', (shape) => {
  const { events, tokens, chars } = answerOf(shape, EVENTS);
  const reader = makeAnswerReader(0, {
    endpoint: shape === 'responses' ? 'responses' : undefined,
    onError: ({ message }) => new Error(message),
  });
  for (const event of events) reader.feed(Buffer.from(event), 1);
  const { text, toolCalls, usage, finishReason, chunks } = reader.answer(shape);
  const given = toolCalls.map((call) => (call.type === 'function' ? call.function.arguments : '')).join('');
  expect(finishReason).toBe(shape === 'tools' ? 'tool_calls' : 'stop');
  expect(`${text}${given}`).toHaveLength(chars);
  expect(usage.completion_tokens).toBe(tokens);
  expect(chunks).toHaveLength(shape === 'tools' ? EVENTS + 2 : EVENTS);
});

test('long events have sixteen tokens each, and running counts reach the last one', () => {
  expect(answerOf('long', EVENTS).tokens).toBe(16 * EVENTS);
  const counts = answerOf('usage', EVENTS)
    .events.filter((event) => /"content":"[^"]/.test(event))
    .map((event) => /"completion_tokens":(\d+)/.exec(event)?.[1]);
  expect(counts.at(-1)).toBe(String(EVENTS));
  expect(new Set(counts).size).toBe(EVENTS);
});

test('the arguments of the call are JSON, as readers of tools expect', () => {
  const given = answerOf('tools', EVENTS)
    .events.flatMap((event) => (event.includes('[DONE]') ? [] : JSON.parse(event.slice(6)).choices))
    .flatMap((choice) => choice.delta.tool_calls?.[0].function.arguments ?? []);
  expect(JSON.parse(given.join(''))).toEqual({ text: expect.stringContaining('the vectors of an index') });
});

test('each event is a chunk of its own in the body, and the same bytes come again', () => {
  const answer = answerOf('short', EVENTS);
  const body = framedBody(answer);
  expect(datasIn(body).map((data) => `data: ${data}\n\n`)).toEqual(answer.events);
  expect(framedBody(answerOf('short', EVENTS)).equals(body)).toBe(true);
});
