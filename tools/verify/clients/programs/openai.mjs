import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import * as z from 'zod';
import * as c from './check.mjs';

const client = new OpenAI({ baseURL: c.BASE_URL, apiKey: c.KEY, maxRetries: 0 });
const ask = (content) => ({ model: c.MODEL, messages: [{ role: 'user', content }] });
const Person = z.object({ name: z.string(), age: z.int() });

/** Tools in the shape of `runTools`. */
const runnable = (called) =>
  c.factTools(called).map(({ name, description, execute }) => ({
    type: 'function',
    function: {
      name,
      description,
      parse: JSON.parse,
      function: execute,
      strict: true,
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  }));

await c.check({
  whole: async () => {
    const { choices, usage } = await client.chat.completions.create(ask(c.QUESTION));
    c.requireText(choices[0].message.content);
    c.require(usage.completion_tokens > 0, 'the usage has no tokens');
  },
  streamed: async () => {
    const pieces = [];
    const stream = await client.chat.completions.create({ ...ask(c.QUESTION), stream: true });
    for await (const { choices } of stream) pieces.push(choices[0]?.delta.content ?? '');
    c.requirePieces(pieces);
  },
  structured: async () => {
    const response_format = zodResponseFormat(Person, 'person');
    const { choices } = await client.chat.completions.parse({ ...ask(c.PERSON), response_format });
    c.requirePerson(choices[0].message.parsed);
  },
  tools: async () => {
    const called = [];
    const runner = client.chat.completions.runTools({
      ...ask(c.LOOK_UPS),
      tools: runnable(called),
      parallel_tool_calls: false,
    });
    c.requireFacts(called, await runner.finalContent());
  },
  'tools streamed': async () => {
    const called = [];
    const runner = client.chat.completions.runTools({
      ...ask(c.LOOK_UPS),
      tools: runnable(called),
      parallel_tool_calls: false,
      stream: true,
    });
    c.requireFacts(called, await runner.finalContent());
  },
  samples: async () => {
    const { choices } = await client.chat.completions.create({ ...ask(c.QUESTION), n: 3 });
    c.require(choices.map(({ index }) => index).join() === '0,1,2', 'there are not three choices in order');
    for (const { message } of choices) c.requireText(message.content);
  },
});
