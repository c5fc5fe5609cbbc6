import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { errorOf } from '../../../../lib/adapters/openai/errors.ts';
import type { ReasoningProgress } from '../../../../lib/runs/reasoning.ts';
import { cutAt } from './generated-stream.ts';
import {
  itemEvents,
  type OutputItem,
  responseAnswer,
  responseEvent,
  responseEvents,
  responseOf,
  responseStream,
  textDelta,
  wholeItem,
} from './responses-stream.ts';

const read = (parts: (string | Uint8Array)[], contentType: string | null = null) => {
  const progress: ReasoningProgress[] = [];
  const ends: string[] = [];
  const reader = makeAnswerReader(0, {
    contentType,
    endpoint: 'responses',
    onReasoning: (one) => progress.push(one),
    onFinish: (reason, model) => ends.push(`${reason} ${model}`),
    onError: (refused, output) => errorOf(refused, { secrets: [output], fields: [] }),
  });
  for (const [at, part] of parts.entries()) reader.feed(Buffer.from(part), at + 1);
  if (!reader.done) {
    reader.marks.tE = parts.length + 1;
    reader.end();
  }
  const failure = reader.failure({});
  if (failure) throw failure;
  return { ...reader.answer('asked'), progress, ends };
};
const answerTo = (items: OutputItem[], end = {}) => read([responseStream(items, end)]);
const shown = ({ chunks }: ReturnType<typeof read>) =>
  chunks.map(({ text, kind = 'content', call = '' }) => `${kind}${call} ${text}`);

const reasoning: OutputItem = { type: 'reasoning', summary: ['I think.', 'And 🦜.'], encrypted: 'gAAA' };
const message: OutputItem = { type: 'message', texts: ['Hel', 'lo'] };
const call: OutputItem = { type: 'function_call', id: 'call_1', name: 'look_up', texts: ['{"at"', ':1}'] };
const note: OutputItem = { type: 'custom_tool_call', id: 'call_2', name: 'note', texts: ['Hi'] };

describe('an answer by the Responses API', () => {
  test('has the text of its deltas, its names and its usage', () => {
    const usage = {
      ...{ input_tokens: 9, output_tokens: 3 },
      input_tokens_details: { cached_tokens: 4 },
      output_tokens_details: { reasoning_tokens: 1 },
    };
    const answer = answerTo([message], { usage });
    expect(answer).toMatchObject({
      completionId: 'resp_1',
      model: 'answering-model',
      text: 'Hello',
      toolCalls: [],
      finishReason: 'stop',
      usage: { prompt_tokens: 9, completion_tokens: 3, reasoning_tokens: 1, cached_tokens: 4 },
      warnings: [],
      ends: ['stop answering-model'],
    });
    expect(shown(answer)).toEqual(['content Hel', 'content lo']);
    expect(answer).not.toHaveProperty('reasoning');
  });

  test('has its marks by the events: the first of any, of a payload and of a text, the last payload, and the end', () => {
    const parts = responseEvents([{ type: 'reasoning', texts: ['Hm'], summary: ['So'] }, message]).map(
      responseEvent,
    );
    const at = (text: string) => parts.findIndex((part) => part.includes(text)) + 1;
    const { marks } = read([': hello\n\n', ...parts, 'data: [DONE]\n\n']);
    expect(marks).toEqual({
      t0: 0,
      tR: 2,
      t1: at('"Hm"') + 1,
      tO: at('"Hel"') + 1,
      tL: at('"lo"') + 1,
      tE: parts.length + 1,
    });
  });

  test('has reasoning that is sent as text as tokens, and summaries apart, which are none', () => {
    const answer = answerTo([
      reasoning,
      { type: 'reasoning', texts: ['Hm', ' so'] },
      message,
      reasoning,
      call,
    ]);
    expect(shown(answer)).toEqual([
      'reasoning Hm',
      'reasoning  so',
      'content Hel',
      'content lo',
      'tool0 {"at"',
      'tool0 :1}',
    ]);
    expect(answer.reasoning).toEqual([
      { id: 'rs_0', summary: ['I think.', 'And 🦜.'], encrypted_content: 'gAAA', at: 0 },
      { id: 'rs_1', summary: [], at: 1 },
      { id: 'rs_3', summary: ['I think.', 'And 🦜.'], encrypted_content: 'gAAA', at: 3 },
    ]);
  });

  test('tells of a reasoning item as it begins, gains text in whole characters, and ends', () => {
    const [first, ...rest] = answerTo([reasoning, message]).progress;
    expect(first).toEqual({ id: 'rs_0', at: 0 });
    expect(rest.at(-1)?.ended).toEqual({
      id: 'rs_0',
      summary: ['I think.', 'And 🦜.'],
      encrypted_content: 'gAAA',
      at: 0,
    });
    const parts = rest.flatMap(({ part }) => part ?? []);
    const told = (at: number) => parts.flatMap(({ index, text }) => (index === at ? text : [])).join('');
    expect([told(0), told(1)]).toEqual(['I think.', 'And 🦜.']);
    expect(parts.every(({ text }) => text.isWellFormed())).toBe(true);
  });

  test('counts the places of its reasoning with several messages as the one text that they are', () => {
    const answer = answerTo([message, reasoning, message, reasoning, call]);
    expect(answer.text).toBe('HelloHello');
    expect(answer.reasoning?.map(({ at }) => at)).toEqual([1, 2]);
  });

  test('has calls by the ids that answers of tools refer to', () => {
    const answer = answerTo([message, call, note]);
    expect(answer.toolCalls).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"at":1}' } },
      { id: 'call_2', type: 'custom', custom: { name: 'note', input: 'Hi' } },
    ]);
    expect(answer.finishReason).toBe('tool_calls');
  });

  test('has a refusal as one', () => {
    expect(shown(answerTo([{ type: 'message', texts: [], refusals: ['I ', "can't."] }]))).toEqual([
      'refusal I ',
      "refusal can't.",
    ]);
  });

  test.each([
    ['length', { reason: 'max_output_tokens' }],
    ['content_filter', { reason: 'content_filter' }],
    ['length', null],
    ['max_messages', { reason: 'max_messages' }],
  ])('that is incomplete ends with %s', (finishReason, incomplete_details) => {
    expect(answerTo([message, call], { status: 'incomplete', incomplete_details }).finishReason).toBe(
      finishReason,
    );
  });

  test('has the tokens of a chunk and their log probabilities', () => {
    const logprobs = [
      { token: 'Hel', logprob: -0.1, bytes: [72], top_logprobs: [{ token: 'Hel', logprob: -0.1 }] },
      { token: 'lo', logprob: -0.2, top_logprobs: [] },
    ];
    const delta = textDelta('Hello').replace('"delta":', `"logprobs":${JSON.stringify(logprobs)},"delta":`);
    const end = responseEvent({ type: 'response.completed', response: responseOf() });
    const { chunks } = read([delta, end]);
    expect(chunks).toMatchObject([
      { text: 'Hello', tokens: 2, logprobs: [{ token: 'Hel', logprob: -0.1 }, {}] },
    ]);
  });
});

describe('the totals of a response', () => {
  const items: OutputItem[] = [{ ...reasoning, texts: ['Hm'] } as OutputItem, message, call, message, note];
  const whole = answerTo(items);
  /** Without ids and places: items that are told late come last, and a call without its beginning has another id. */
  const unordered = ({ text, toolCalls, reasoning: own = [] }: ReturnType<typeof read>) => ({
    text,
    calls: toolCalls.map(({ id: _, ...one }) => JSON.stringify(one)).toSorted(),
    reasoning: own.map(({ at: _, ...one }) => one),
  });
  const same = ({ marks: _, chunks: __, progress: ___, ...rest }: ReturnType<typeof read>) => rest;

  test.each([
    ['in the last event', (type: string) => type === 'response.completed'],
    ['at the end of its items', (type: string) => /completed|item.done/.test(type)],
    ['beside the beginning of its items', (type: string) => /completed|item/.test(type)],
  ])('%s fill in what no delta has brought', (_, isSent) => {
    const sent = responseEvents(items).filter(({ type }) => isSent(type));
    expect(same(read(sent.map(responseEvent)))).toEqual(same(whole));
  });

  test('are not counted again after deltas, whichever of its events a server leaves out', () => {
    const events = responseEvents(items);
    fc.assert(
      fc.property(fc.subarray(events.map(({ type }) => type)), (kept) => {
        const types = new Set(kept);
        const sent = events.filter(({ type }) => types.has(type) || type === 'response.completed');
        expect(unordered(read(sent.map(responseEvent)))).toEqual(unordered(whole));
      }),
      { numRuns: 60 },
    );
  });

  test('that tell less than the deltas, or something else, change nothing', () => {
    const output = [wholeItem({ type: 'message', texts: ['Hel'] }, 0)];
    expect(answerTo([message], { output }).text).toBe('Hello');
    expect(answerTo([message], { output: [wholeItem({ type: 'message', texts: ['Good'] }, 0)] }).text).toBe(
      'Hello',
    );
    expect(answerTo([message], { output: [] }).text).toBe('Hello');
  });

  test('of a whole response that came instead of a stream are the answer, with a warning', () => {
    const response = responseOf({ output: items.map((item, at) => wholeItem(item, at)) });
    const answer = read([JSON.stringify(response)], 'application/json');
    expect({ ...same(answer), warnings: [] }).toEqual(same(whole));
    expect(answer.warnings).toEqual([expect.stringContaining('a whole completion, not a stream')]);
  });
});

describe('a server that differs', () => {
  test('may number the parts of a text anew with each delta, as vLLM does, and its items not at all', () => {
    const events = responseEvents([message, call]).map((event, at) =>
      'content_index' in event ? { ...event, content_index: at } : event,
    );
    expect(read(events.map(responseEvent)).text).toBe('Hello');
    const without = events.map(({ output_index: _, ...event }) =>
      responseEvent(event as (typeof events)[number]),
    );
    expect(read(without)).toMatchObject({ text: 'Hello', toolCalls: [{ id: 'call_1' }] });
  });

  test('may give an item another id in each event', () => {
    const events = responseEvents([message, call]).map((event, at) => ({
      ...event,
      ...('item_id' in event && { item_id: `x${at}` }),
    }));
    expect(read(events.map(responseEvent))).toMatchObject({ text: 'Hello', toolCalls: [{ id: 'call_1' }] });
  });

  test('may put all items in one place', () => {
    const events = responseEvents([reasoning, message, call]).map((event) =>
      'output_index' in event ? { ...event, output_index: 0 } : event,
    );
    const answer = read(events.map(responseEvent));
    expect(answer).toMatchObject({
      text: 'Hello',
      toolCalls: [{ id: 'call_1' }],
      reasoning: [{ id: 'rs_0' }],
    });
  });

  test('may leave out types beside the data, or in it', () => {
    const stream = responseStream([message]);
    expect(read([stream.replace(/^event: .*\n/gm, '')]).text).toBe('Hello');
    expect(read([stream.replace(/"type":"response[^"]*",/g, '')]).text).toBe('Hello');
  });

  test('may say beside the data alone of which of two types deltas are', () => {
    const delta = (type: string, text: string) =>
      `event: response.${type}.delta\ndata: ${JSON.stringify({ delta: text })}\n\n`;
    const answer = read([
      ...['a', 'b'].map((text) => delta('reasoning_text', text)),
      ...['c', 'd'].map((text) => delta('output_text', text)),
      responseEvent({ type: 'response.completed', response: responseOf() }),
    ]);
    expect(shown(answer)).toEqual(['reasoning a', 'reasoning b', 'content c', 'content d']);
  });

  test('may send a call in parts before it names it', () => {
    const [added, ...parts] = itemEvents(call, 0);
    const end = { type: 'response.completed', response: responseOf() };
    expect(added?.type).toBe('response.output_item.added');
    expect(read([...parts, end].map(responseEvent)).toolCalls).toEqual([
      { id: 'fc_0', type: 'function', function: { name: 'look_up', arguments: '{"at":1}' } },
    ]);
  });

  test('may send events and items that nobody knows', () => {
    const unknown = [
      { type: 'keepalive' },
      { type: 'response.output_item.added', output_index: 0, item: { type: 'web_search_call', id: 'ws_1' } },
      { type: 'response.web_search_call.completed', output_index: 0, item_id: 'ws_1' },
      {
        type: 'response.output_text.annotation.added',
        output_index: 1,
        annotation: { url: 'https://a.example' },
      },
    ];
    expect(read([...unknown.map(responseEvent), responseAnswer('Hello')])).toMatchObject({
      text: 'Hello',
      warnings: [],
    });
  });

  test('may send a part of unknown shape, which is told', () => {
    const output = [{ type: 'message', id: 'm', content: [{ type: 'output_rays', rays: 'x' }] }];
    const answer = answerTo([], { output: [...output, wholeItem(message, 1)] });
    expect([answer.text, answer.warnings]).toEqual([
      'Hello',
      ['a part of the output came in an unknown shape and was left out'],
    ]);
  });
});

describe('a stream of the Responses API without an end', () => {
  const begun = responseAnswer('Hello')
    .split(/(?<=\n\n)/)
    .slice(0, -1);

  test('is incomplete', () => {
    expect(() => read(begun)).toThrow('ended without a finish reason');
    expect(() => read([...begun, 'data: [DONE]\n\n'])).toThrow('ended without a finish reason');
  });

  test.each([
    [
      'response.failed',
      { response: responseOf({ status: 'failed', error: { code: 'server_error', message: 'oh' } }) },
    ],
    ['error', { code: 'server_error', message: 'oh', param: null }],
    ['error', { error: { type: 'server_error', message: 'oh' } }],
    [
      'response.completed',
      { response: responseOf({ status: 'failed', error: { code: 500, message: 'oh' } }) },
    ],
  ])('is an error with the words of the server: %s', (type, fields) => {
    expect(() => read([...begun, responseEvent({ type, ...fields })])).toThrow(
      /model server failed \(500.*\): oh/,
    );
  });

  test.each([
    ['rate_limit_exceeded', 'rate_limited'],
    ['invalid_prompt', 'invalid_request'],
    ['bio_policy', 'invalid_request'],
    ['anything', 'upstream_error'],
  ])('fails with %s as %s', (code, ours) => {
    const response = responseOf({ status: 'failed', error: { code, message: 'no' } });
    expect(() => read([responseEvent({ type: 'response.failed', response })])).toThrow(
      expect.objectContaining({ code: ours }),
    );
  });

  test('tells neither output nor summary nor encrypted reasoning', () => {
    const said = 'A summary that is long enough to be known again.';
    const stream = itemEvents({ type: 'reasoning', summary: [said], encrypted: 'gAAAAABsecretsecret' }, 0);
    const error = { type: 'error', message: `failed at ${said} gAAAAABsecretsecret`, code: null };
    expect(() => read([...stream, error].map(responseEvent))).toThrow(/failed at …/);
  });
});

test('ids are cut to what any id needs', () => {
  const long = 'x'.repeat(5_000);
  const end = responseEvent({ type: 'response.completed', response: responseOf({ id: long, model: long }) });
  const { completionId, model } = read([textDelta('Hello'), end]);
  expect([completionId?.length, model.length]).toEqual([256, 256]);
});

test('an event may be as long as all before it and 8 MiB, since the last ones repeat all, and no longer', () => {
  const junk = (mebibytes: number) => 'x'.repeat(mebibytes * 1024 * 1024);
  const before = [textDelta('Hello'), responseEvent({ type: 'response.unknown', junk: junk(2) })];
  const end = (mebibytes: number) => {
    const event = responseEvent({
      type: 'response.completed',
      response: responseOf({ junk: junk(mebibytes) }),
    });
    return [event.slice(0, -2), event.slice(-2)];
  };
  expect(read([...before, ...end(9)]).text).toBe('Hello');
  expect(() => read([...before, ...end(11)])).toThrow('more than 8 MiB');
});

test('summaries without end are an error', () => {
  const part = responseEvent({
    ...{ type: 'response.reasoning_summary_text.delta', output_index: 0, item_id: 'r', summary_index: 0 },
    delta: 'x'.repeat(3 * 1024 * 1024),
  });
  expect(() => read([part, part, part])).toThrow('more text than any output has');
});

const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 3,
});
const anyItem: fc.Arbitrary<OutputItem> = fc.oneof(
  fc.record({ type: fc.constant('message' as const), texts }),
  fc.record({
    type: fc.constant('reasoning' as const),
    texts,
    summary: texts,
    encrypted: fc.base64String({ minLength: 1 }),
  }),
  fc.record({
    type: fc.constantFrom('function_call' as const, 'custom_tool_call' as const),
    id: fc.constantFrom('a', 'b', 'c'),
    name: fc.constantFrom('f', 'g'),
    texts,
  }),
);

test('any split of the bytes of a stream gives the same answer', () => {
  fc.assert(
    fc.property(
      fc.array(anyItem, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n'),
      (items, cuts, eol) => {
        const stream = responseStream(items).replaceAll('\n', eol);
        const whole = read([stream]);
        const split = read(cutAt(Buffer.from(stream), cuts));
        const untimed = ({ marks: _, chunks, ...rest }: ReturnType<typeof read>) => ({
          ...rest,
          chunks: chunks.map(({ t_ms: _ms, ...chunk }) => chunk),
        });
        expect(untimed(split)).toEqual(untimed(whole));
        const said = items.flatMap((item) => (item.type === 'message' ? item.texts : []));
        expect(whole.text).toBe(said.join(''));
        expect(whole.reasoning ?? []).toHaveLength(items.filter(({ type }) => type === 'reasoning').length);
      },
    ),
    { numRuns: 150 },
  );
});

const LOGPROBS = { a: [{ token: 'a', logprob: -1, top_logprobs: [] }], none: [], absent: undefined };

test('deltas of several items in any order keep their own text, their own call and their own log probabilities', () => {
  const items: OutputItem[] = [message, call, note];
  const events = items.map((item, at) => itemEvents(item, at));
  const types = ['output_text', 'function_call_arguments', 'custom_tool_call_input'];
  const anyDelta = fc.record({
    at: fc.nat({ max: 2 }),
    delta: fc.string({ maxLength: 3 }),
    logprobs: fc.constantFrom(...(Object.keys(LOGPROBS) as (keyof typeof LOGPROBS)[])),
  });
  fc.assert(
    fc.property(fc.array(anyDelta, { maxLength: 20 }), (deltas) => {
      const answer = read([
        ...events.flatMap(([begun]) => (begun ? responseEvent(begun) : [])),
        ...deltas.map(({ at, delta, logprobs }) =>
          responseEvent({
            ...{ type: `response.${types[at]}.delta`, output_index: at, item_id: `item_${at}`, delta },
            ...(at === 0 && { logprobs: LOGPROBS[logprobs] }),
          }),
        ),
        responseEvent({ type: 'response.completed', response: responseOf() }),
      ]);
      const sent = deltas.filter(({ delta }) => delta !== '');
      expect(answer.chunks.map(({ text, call: own, logprobs }) => [text, own, logprobs?.length])).toEqual(
        sent.map(({ at, delta, logprobs }) => [
          delta.toWellFormed(),
          at === 0 ? undefined : at - 1,
          at === 0 && logprobs === 'a' ? 1 : undefined,
        ]),
      );
    }),
    { numRuns: 150 },
  );
});
