import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { ResponseInput, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { countTokens } from '../../../../local/model/tokens.ts';
import type { Emissions } from '../../../../local/openai/emissions.ts';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import { type LocalOpenai, localOpenai } from '../../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const model = 'everytoken-ngram';
const input = 'Explain vector databases in a technical manner.';
const emissionsOf = async (id: string): Promise<Emissions> => {
  const headers = { authorization: `Bearer ${server.apiKey}` };
  const response = await fetch(new URL(`/emissions/${id}`, server.url), { headers });
  return (await response.json()) as Emissions;
};
const writtenTokens = ({ writes }: Emissions): number => writes.reduce((sum, { tokens }) => sum + tokens, 0);
const eventsOf = async (request: object): Promise<ResponseStreamEvent[]> => {
  const stream = await client.responses.create({ model, input, stream: true, ...request });
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
};
/** The types of events, each run of the same one as one. */
const runsOf = (events: readonly ResponseStreamEvent[]): string[] =>
  events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
const deltasOf = (events: readonly ResponseStreamEvent[]): string =>
  events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
const endOf = (events: readonly ResponseStreamEvent[]) => {
  const last = events.at(-1);
  if (last && 'response' in last) return last.response;
  throw new Error('The last event has no response.');
};

const TEXT_EVENTS = [
  'response.created',
  'response.in_progress',
  'response.output_item.added',
  'response.content_part.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.content_part.done',
  'response.output_item.done',
];

describe('a response', () => {
  test('is a message, with its usage and the parameters of the request', async () => {
    const answer = await client.responses.create({
      model,
      input,
      instructions: 'Be brief.',
      max_output_tokens: 400,
      metadata: { team: 'a' },
      store: true,
      truncation: 'auto',
      text: { verbosity: 'low' },
    });
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^resp_\w{32}$/),
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: 'Be brief.',
      max_output_tokens: 400,
      metadata: { team: 'a' },
      model,
      parallel_tool_calls: true,
      previous_response_id: null,
      service_tier: 'default',
      store: false,
      temperature: 1,
      text: { format: { type: 'text' }, verbosity: 'low' },
      tool_choice: 'auto',
      tools: [],
      top_p: 1,
      truncation: 'auto',
    });
    const [item] = answer.output;
    expect(answer.output).toEqual([
      {
        id: expect.stringMatching(/^msg_\w{32}$/),
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: answer.output_text, annotations: [], logprobs: [] }],
      },
    ]);
    expect(item?.type).toBe('message');
    expect(answer.output_text).toMatch(/vector|database|index|search/i);
    expect(answer.usage).toEqual({
      input_tokens: countTokens(input) + countTokens('Be brief.'),
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: writtenTokens(await emissionsOf(answer.id)),
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: (answer.usage?.input_tokens ?? 0) + (answer.usage?.output_tokens ?? 0),
    });
    expect(answer.completed_at).toBeGreaterThanOrEqual(answer.created_at);
  });

  test('is incomplete when it is cut by max_output_tokens', async () => {
    const cut = { max_output_tokens: 16, seed: 1 };
    const answer = await client.responses.create({ model, input, ...cut });
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      completed_at: null,
      output: [{ status: 'incomplete' }],
      usage: { output_tokens: 16 },
    });
    const events = await eventsOf(cut);
    expect(runsOf(events)).toEqual([...TEXT_EVENTS, 'response.incomplete']);
    expect(endOf(events)).toMatchObject({
      status: 'incomplete',
      output: [
        {
          status: 'incomplete',
          content: answer.output[0]?.type === 'message' ? [{ text: answer.output_text }] : [],
        },
      ],
    });
  });

  test('is streamed as the official events, in their order, numbered, and one token a delta', async () => {
    const request = { seed: 3, max_output_tokens: 60 };
    const events = await eventsOf(request);
    expect(runsOf(events).slice(0, -1)).toEqual(TEXT_EVENTS);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
    const [created, begun] = events;
    for (const event of [created, begun])
      expect(event).toMatchObject({ response: { status: 'in_progress', output: [], usage: null } });
    const response = endOf(events);
    const deltas = events.filter((event) => event.type === 'response.output_text.delta');
    const item_id = response.output[0]?.id;
    for (const delta of deltas)
      expect(delta).toMatchObject({ item_id, output_index: 0, content_index: 0, logprobs: [] });
    const text = deltasOf(events);
    for (const event of events) {
      if (event.type === 'response.output_text.done') expect(event.text).toBe(text);
      if (event.type === 'response.content_part.done') expect(event.part).toMatchObject({ text });
      if (event.type === 'response.output_item.done') expect(event.item).toEqual(response.output[0]);
    }
    const whole = await client.responses.create({ model, input, ...request });
    expect(whole.output_text).toBe(text);
    expect(response.usage).toEqual(whole.usage);
    const emissions = await emissionsOf(response.id);
    expect(emissions.writes).toHaveLength(deltas.length);
    expect(writtenTokens(emissions)).toBe(response.usage?.output_tokens);
  });

  test('is sent with the type of each event on a line of its own, and no line at the end', async () => {
    const answer = await fetch(`${server.url}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.apiKey}` },
      body: JSON.stringify({ model, input, stream: true, max_output_tokens: 16 }),
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const sent = (await answer.text()).split('\n\n');
    expect(sent.pop()).toBe('');
    for (const event of sent) {
      const [name, data, ...more] = event.split('\n');
      expect(more).toEqual([]);
      expect(name).toBe(`event: ${JSON.parse(data?.replace(/^data: /, '') ?? '').type}`);
    }
  });

  test('is accumulated by the SDK’s stream', async () => {
    const stream = client.responses.stream({ model, input });
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    const answer = await stream.finalResponse();
    expect(answer.output_text).toBe(deltas.join(''));
    expect(answer.status).toBe('completed');
  });

  test('pads its deltas when asked to hide the lengths of tokens', async () => {
    const events = await eventsOf({ stream_options: { include_obfuscation: true }, max_output_tokens: 20 });
    for (const event of events)
      if (event.type === 'response.output_text.delta')
        expect((event.delta + (event as unknown as { obfuscation: string }).obfuscation).length % 16).toBe(0);
  });

  test('has logprobs when they are included, the same in the deltas and in the end', async () => {
    const events = await eventsOf({
      include: ['message.output_text.logprobs'],
      top_logprobs: 3,
      temperature: 0,
      max_output_tokens: 20,
    });
    const streamed = events.flatMap((event) =>
      event.type === 'response.output_text.delta' ? event.logprobs : [],
    );
    const { output, usage } = endOf(events);
    const [message] = output;
    const part = message?.type === 'message' ? message.content[0] : undefined;
    const logprobs = part?.type === 'output_text' ? (part.logprobs ?? []) : [];
    expect(logprobs).toEqual(streamed);
    expect(logprobs).toHaveLength(usage?.output_tokens ?? Number.NaN);
    expect(logprobs.map(({ token }) => token).join('')).toBe(deltasOf(events));
    for (const { token, logprob, bytes, top_logprobs } of logprobs) {
      expect(Buffer.from(bytes).toString('utf8')).toBe(token);
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]).toEqual({ token, logprob, bytes });
    }
  });

  test('reads a conversation of items, and takes its subject from the last user', async () => {
    const turns = [
      { role: 'developer' as const, content: 'Answer.' },
      { role: 'user' as const, content: 'How do message queues work?' },
    ];
    const first = await client.responses.create({ model, input: turns, max_output_tokens: 40 });
    const reasoning = { type: 'reasoning' as const, id: 'rs_1', summary: [], encrypted_content: 'x' };
    const question = {
      type: 'message' as const,
      role: 'user' as const,
      content: [{ type: 'input_text' as const, text: 'Explain neural nets.' }],
    };
    const next = await client.responses.create({
      model,
      input: [...turns, reasoning, ...first.output, question] as ResponseInput,
      temperature: 0,
    });
    expect(next.output_text).toMatch(/neural|network|layer|weight/i);
    const texts = ['Answer.', 'How do message queues work?', first.output_text, 'Explain neural nets.'];
    expect(next.usage?.input_tokens).toBe(texts.reduce((sum, text) => sum + countTokens(text), 0));
  });

  test('is greedy with top_k 1', async () => {
    const first = { temperature: 1.8, top_k: 1, max_output_tokens: 30 };
    const greedy = await client.responses.create({ model, input, temperature: 0, max_output_tokens: 30 });
    expect((await client.responses.create({ model, input, ...first })).output_text).toBe(greedy.output_text);
  });
});

test('a paced stream follows its schedule, and the clock check has each write', async () => {
  const started = monotonicMs();
  const events = await eventsOf({ max_output_tokens: 16, pace: 400 });
  const { created_ms, writes } = await emissionsOf(endOf(events).id);
  expect(created_ms).toBeGreaterThan(started);
  for (const [at, { t_ms }] of writes.entries())
    expect(t_ms).toBeGreaterThanOrEqual(created_ms + (10 + at) * 2.5);
});

describe('JSON', () => {
  const Answer = z.object({ title: z.string(), count: z.int().min(1).max(9) });

  test('of a schema is parsed by the SDK, whole and streamed', async () => {
    const request = { model, input, text: { format: zodTextFormat(Answer, 'answer') } };
    const whole = await client.responses.parse(request);
    expect(whole.output_parsed).toEqual(Answer.parse(JSON.parse(whole.output_text)));
    expect(whole.text?.format).toMatchObject({ type: 'json_schema', name: 'answer', strict: true });
    const streamed = await client.responses.stream(request).finalResponse();
    expect(streamed.output_parsed).toEqual(Answer.parse(JSON.parse(streamed.output_text)));
  });

  test('of any object needs the word in the input', async () => {
    const text = { format: { type: 'json_object' as const } };
    const answer = await client.responses.create({ model, input: 'A queue, as JSON.', text });
    expect(JSON.parse(answer.output_text)).toHaveProperty('title');
    await expect(client.responses.create({ model, input, text })).rejects.toMatchObject({
      status: 400,
      param: 'input',
    });
  });

  test('of an invalid schema is refused with its place', async () => {
    const format = {
      type: 'json_schema' as const,
      name: 'answer',
      schema: { type: 'object', properties: { a: { not: {} } } },
    };
    await expect(client.responses.create({ model, input, text: { format } })).rejects.toMatchObject({
      status: 400,
      param: 'text.format.schema',
      code: 'invalid_json_schema',
      message: expect.stringContaining("Invalid schema for response_format 'answer'"),
    });
  });
});
