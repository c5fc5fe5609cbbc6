import { OpenAI } from '@llamaindex/openai';
import { tool } from 'llamaindex';
import * as z from 'zod';
import * as c from './check.mjs';

const llm = new OpenAI({ model: c.MODEL, apiKey: c.KEY, baseURL: c.BASE_URL, maxRetries: 0 });
const ask = (content) => ({ messages: [{ role: 'user', content }] });

await c.check({
  whole: async () => c.requireText((await llm.chat(ask(c.QUESTION))).message.content),
  streamed: async () => {
    const pieces = [];
    for await (const { delta } of await llm.chat({ ...ask(c.QUESTION), stream: true })) pieces.push(delta);
    c.requirePieces(pieces);
  },
  structured: async () => {
    const responseFormat = z.object({ name: z.string(), age: z.int() });
    const { message } = await llm.chat({ ...ask(c.PERSON), responseFormat });
    c.requirePerson(JSON.parse(message.content));
  },
  tools: async () => {
    const called = [];
    const tools = c
      .factTools(called)
      .map(({ execute, ...described }) =>
        tool(execute, { ...described, parameters: z.object({ city: z.string() }) }),
      );
    const { messages } = ask(c.LOOK_UPS);
    for (let turn = 0; turn < 6; turn++) {
      const { message } = await llm.chat({ messages, tools });
      messages.push(message);
      const calls = message.options?.toolCall ?? [];
      if (calls.length === 0) return c.requireFacts(called, message.content);
      for (const call of calls) {
        const one = tools.find(({ metadata }) => metadata.name === call.name);
        const input = typeof call.input === 'string' ? JSON.parse(call.input) : call.input;
        const result = String(await one.call(input));
        messages.push({
          role: 'user',
          content: result,
          options: { toolResult: { id: call.id, result, isError: false } },
        });
      }
    }
    throw new Error('the loop did not end');
  },
});
