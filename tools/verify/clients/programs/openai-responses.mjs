import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import * as z from 'zod';
import * as c from './check.mjs';

const client = new OpenAI({ baseURL: c.BASE_URL, apiKey: c.KEY, maxRetries: 0 });
const ask = (input) => ({ model: c.MODEL, input });
const Person = z.object({ name: z.string(), age: z.int() });

/** A loop of one's own, of six turns at most; `askFor` gets the answer to the items so far. */
const loop = async (askFor) => {
  const called = [];
  const facts = c.factTools(called);
  const tools = facts.map(({ name, description }) => ({
    type: 'function',
    name,
    description,
    strict: true,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  }));
  const input = [{ role: 'user', content: c.LOOK_UPS }];
  for (let turn = 0; turn < 6; turn++) {
    const { output, output_text } = await askFor({ ...ask(input), tools, parallel_tool_calls: false });
    const calls = output.filter(({ type }) => type === 'function_call');
    if (calls.length === 0) return c.requireFacts(called, output_text);
    input.push(...output);
    for (const { call_id, name, arguments: given } of calls) {
      const fact = facts.find((one) => one.name === name).execute(JSON.parse(given));
      input.push({ type: 'function_call_output', call_id, output: fact });
    }
  }
  throw new Error('the loop did not end');
};

await c.check({
  whole: async () => {
    const { output_text, usage } = await client.responses.create(ask(c.QUESTION));
    c.requireText(output_text);
    c.require(usage.output_tokens > 0, 'the usage has no tokens');
  },
  streamed: async () => {
    const pieces = [];
    const stream = client.responses.stream(ask(c.QUESTION));
    stream.on('response.output_text.delta', ({ delta }) => pieces.push(delta));
    c.require((await stream.finalResponse()).output_text === pieces.join(''), 'the pieces are another text');
    c.requirePieces(pieces);
  },
  structured: async () => {
    const text = { format: zodTextFormat(Person, 'person') };
    c.requirePerson((await client.responses.parse({ ...ask(c.PERSON), text })).output_parsed);
  },
  tools: () => loop((request) => client.responses.create(request)),
  'tools streamed': () => loop((request) => client.responses.stream(request).finalResponse()),
  continued: async () => {
    const { id } = await client.responses.create(ask(c.QUESTION));
    const next = await client.responses.create({ ...ask('And in short?'), previous_response_id: id });
    c.require(next.previous_response_id === id, 'the answer does not name the earlier one');
    c.requireText(next.output_text);
  },
  background: async () => {
    let answer = await client.responses.create({ ...ask(c.QUESTION), background: true });
    while (['queued', 'in_progress'].includes(answer.status)) {
      await sleep(100);
      answer = await client.responses.retrieve(answer.id);
    }
    c.require(answer.status === 'completed', `it is ${answer.status}`);
    c.requireText(answer.output_text);
  },
});
