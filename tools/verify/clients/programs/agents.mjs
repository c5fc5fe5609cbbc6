import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import * as z from 'zod';
import * as c from './check.mjs';

/** The checks of the Agents SDK, by the Responses API or by chat completions. */
export const checkAgents = (useResponses) => {
  const runner = new Runner({
    modelProvider: new OpenAIProvider({ baseURL: c.BASE_URL, apiKey: c.KEY, useResponses }),
    tracingDisabled: true,
  });
  const agent = (own = {}) =>
    new Agent({ name: 'Helper', instructions: 'Be brief.', model: c.MODEL, ...own });
  const withTools = (called) =>
    agent({
      modelSettings: { parallelToolCalls: false },
      tools: c.factTools(called).map((one) => tool({ ...one, parameters: z.object({ city: z.string() }) })),
    });

  return c.check({
    whole: async () => c.requireText((await runner.run(agent(), c.QUESTION)).finalOutput),
    streamed: async () => {
      const pieces = [];
      const result = await runner.run(agent(), c.QUESTION, { stream: true });
      for await (const piece of result.toTextStream()) pieces.push(piece);
      c.requirePieces(pieces);
    },
    structured: async () => {
      const outputType = z.object({ name: z.string(), age: z.int() });
      c.requirePerson((await runner.run(agent({ outputType }), c.PERSON)).finalOutput);
    },
    tools: async () => {
      const called = [];
      c.requireFacts(called, (await runner.run(withTools(called), c.LOOK_UPS)).finalOutput);
    },
    'tools streamed': async () => {
      const called = [];
      const result = await runner.run(withTools(called), c.LOOK_UPS, { stream: true });
      await result.completed;
      c.requireFacts(called, result.finalOutput);
    },
  });
};
