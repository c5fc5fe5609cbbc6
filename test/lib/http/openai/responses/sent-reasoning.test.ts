import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeResponsesApp } from '../../../../fixtures/responses-app.ts';
import { worldOverServer } from '../../../../memory/world-over-server.ts';
import { answerOf, EVENT_STREAM, startModelServer } from '../../../adapters/openai/model-server.ts';
import { type OutputItem, responseStream } from '../../../adapters/openai/responses-stream.ts';

const SECRET = 'gAAAAABsecret';
const SUMMARY = 'I wonder where.';
const calling: OutputItem[] = [
  { type: 'reasoning', summary: [SUMMARY], encrypted: SECRET },
  { type: 'function_call', id: 'call_1', name: 'weather', texts: ['{"city":', '"Bern"}'] },
];
const saying: OutputItem[] = [{ type: 'message', texts: ['It ', 'rains.'] }];

let server: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  server = await startModelServer((response, { path, body }) => {
    const isChat = path.endsWith('/chat/completions');
    const isLater = JSON.stringify(body).includes('call_1');
    response.writeHead(200, EVENT_STREAM);
    response.end(isChat ? answerOf('It rains.') : responseStream(isLater ? saying : calling));
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.received.length = 0;
});

/** A client of a server whose models answer by the Responses API, but for those of chat completions. */
const client = (): OpenAI =>
  makeResponsesApp(undefined, {
    world: worldOverServer(
      { url: server.baseURL, model: 'reasoner' },
      {
        kind: 'other',
        api: 'responses',
        rows: [{ pattern: 'chat-*', overrides: { api: 'chat_completions' } }],
      },
    ),
  }).openai;

const input = 'What is the weather?';
const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }];
const outputs = [{ type: 'function_call_output' as const, call_id: 'call_1', output: 'rain' }];
/** The items that the second request to a server of the Responses API has. */
const conversation = [
  { role: 'user', content: input },
  {
    type: 'reasoning',
    id: 'rs_0',
    summary: [{ type: 'summary_text', text: SUMMARY }],
    encrypted_content: SECRET,
  },
  { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' },
  { type: 'function_call_output', call_id: 'call_1', output: 'rain' },
];
const eventsOf = async (asked: Promise<AsyncIterable<OpenAI.Responses.ResponseStreamEvent>>) => {
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  for await (const event of await asked) events.push(event);
  return events;
};
const lastBody = () => server.received.at(-1)?.body ?? {};

describe('the reasoning of a server of the Responses API', () => {
  test.each([false, true])('goes back to it by previous_response_id, streamed: %j', async (stream) => {
    const openai = client();
    const first = await openai.responses.create({ input, tools, instructions: 'Be short.' });
    expect(JSON.stringify(first)).not.toContain(SECRET);
    const next = { input: outputs, tools, instructions: 'Be long.', previous_response_id: first.id };
    if (stream) await eventsOf(openai.responses.create({ ...next, stream: true }));
    else expect((await openai.responses.create(next)).output_text).toBe('It rains.');
    expect(lastBody()).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
    expect(lastBody()).not.toHaveProperty('previous_response_id');
    expect(lastBody().input).toEqual([{ role: 'system', content: 'Be long.' }, ...conversation]);
  });

  test('goes back to it in the items of a client that includes it and keeps the conversation itself', async () => {
    const openai = client();
    const include = ['reasoning.encrypted_content' as const];
    const { output } = await openai.responses.create({ input, tools, include, store: false });
    expect(output[0]).toMatchObject({ type: 'reasoning', id: 'rs_0', encrypted_content: SECRET });
    const kept = [{ role: 'user' as const, content: input }, ...output, ...outputs];
    await openai.responses.create({
      ...{ tools, include, store: false },
      input: kept as OpenAI.Responses.ResponseInput,
    });
    expect(lastBody().input).toEqual(conversation);
  });

  test('is in a stream as in the whole response', async () => {
    const openai = client();
    const include = ['reasoning.encrypted_content' as const];
    const events = await eventsOf(openai.responses.create({ input, tools, include, stream: true }));
    const summary = events.flatMap((event) =>
      event.type === 'response.reasoning_summary_text.delta' ? [event.delta] : [],
    );
    expect(summary.join('')).toBe(SUMMARY);
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error(last?.type);
    expect(last.response.output[0]).toMatchObject({ encrypted_content: SECRET });
    const read = await openai.responses.retrieve(last.response.id, { include });
    expect(read.output).toEqual(last.response.output);
  });

  test('never goes to a server of chat completions, by either way', async () => {
    const openai = client();
    const first = await openai.responses.create({
      ...{ input, tools },
      include: ['reasoning.encrypted_content'],
    });
    const items = [{ role: 'user' as const, content: input }, ...first.output, ...outputs];
    for (const next of [{ input: outputs, previous_response_id: first.id }, { input: items }]) {
      await openai.responses.create({ ...next, tools, model: 'chat-model' } as object);
      const { path, body } = server.received.at(-1) ?? {};
      expect(path).toBe('/v1/chat/completions');
      for (const text of [SECRET, SUMMARY, 'rs_0', 'reasoning'])
        expect(JSON.stringify(body)).not.toContain(text);
      expect(body?.messages).toEqual([
        { role: 'user', content: input },
        {
          ...{ role: 'assistant', content: null },
          tool_calls: [
            {
              ...{ id: 'call_1', type: 'function' },
              function: { name: 'weather', arguments: '{"city":"Bern"}' },
            },
          ],
        },
        { role: 'tool', content: 'rain', tool_call_id: 'call_1' },
      ]);
    }
  });

  test('survives a turn of a model of chat completions in between', async () => {
    const openai = client();
    const first = await openai.responses.create({ input, tools });
    const second = await openai.responses.create({
      ...{ input: outputs, tools, model: 'chat-model' },
      previous_response_id: first.id,
    });
    await openai.responses.create({ input: 'And now?', tools, previous_response_id: second.id });
    expect(lastBody().input).toEqual([
      ...conversation,
      { role: 'assistant', content: 'It rains.' },
      { role: 'user', content: 'And now?' },
    ]);
  });

  test('is not in the answers of chat completions, which go by this API, too', async () => {
    const answer = await client().chat.completions.create({
      model: 'reasoner',
      messages: [{ role: 'user', content: input }],
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
    });
    expect(server.received[0]?.path).toBe('/v1/responses');
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ id: 'call_1', function: { arguments: '{"city":"Bern"}' } }] },
    });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });
});
