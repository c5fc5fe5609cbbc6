import { generateText, Output, stepCountIs, streamText, tool } from 'ai';
import * as z from 'zod';
import * as c from './check.mjs';

/** The checks of a model of the AI SDK, by whichever provider it comes. */
export const checkModel = (model) => {
  const Person = z.object({ name: z.string(), age: z.int() });
  const tools = (called) =>
    Object.fromEntries(
      c
        .factTools(called)
        .map(({ name, description, execute }) => [
          name,
          tool({ description, inputSchema: z.object({ city: z.string() }), execute }),
        ]),
    );
  const agent = (called) => ({
    model,
    prompt: c.LOOK_UPS,
    tools: tools(called),
    stopWhen: stepCountIs(6),
    maxRetries: 0,
  });
  return c.check({
    whole: async () => {
      const { text, usage } = await generateText({ model, prompt: c.QUESTION, maxRetries: 0 });
      c.requireText(text);
      c.require(usage.outputTokens > 0, 'the usage has no tokens');
    },
    streamed: async () => {
      const pieces = [];
      for await (const piece of streamText({ model, prompt: c.QUESTION, maxRetries: 0 }).textStream)
        pieces.push(piece);
      c.requirePieces(pieces);
    },
    structured: async () => {
      const output = Output.object({ schema: Person });
      c.requirePerson((await generateText({ model, prompt: c.PERSON, output, maxRetries: 0 })).output);
    },
    tools: async () => {
      const called = [];
      c.requireFacts(called, (await generateText(agent(called))).text);
    },
    'tools streamed': async () => {
      const called = [];
      const { text } = streamText(agent(called));
      c.requireFacts(called, await text);
    },
  });
};
