import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import * as z from 'zod';
import * as c from './check.mjs';

const Person = z.object({ name: z.string(), age: z.int() });

/** An agent's loop of one's own, of six turns at most; `askFor` gets the answer to the messages so far. */
const loop = async (model, askFor) => {
  const called = [];
  const tools = c
    .factTools(called)
    .map(({ execute, ...described }) =>
      tool(execute, { ...described, schema: z.object({ city: z.string() }) }),
    );
  const agent = model.bindTools(tools, { parallel_tool_calls: false });
  const messages = [new HumanMessage(c.LOOK_UPS)];
  for (let turn = 0; turn < 6; turn++) {
    const answer = await askFor(agent, messages);
    messages.push(answer);
    if (answer.tool_calls.length === 0) return c.requireFacts(called, answer.text);
    for (const call of answer.tool_calls) {
      const one = tools.find(({ name }) => name === call.name);
      messages.push(new ToolMessage({ tool_call_id: call.id, content: await one.invoke(call.args) }));
    }
  }
  throw new Error('the loop did not end');
};

/** The checks of LangChain.js, by the Responses API or by chat completions. */
export const checkChatModel = (useResponsesApi) => {
  const model = new ChatOpenAI({
    model: c.MODEL,
    apiKey: c.KEY,
    configuration: { baseURL: c.BASE_URL },
    maxRetries: 0,
    useResponsesApi,
  });
  return c.check({
    whole: async () => c.requireText((await model.invoke(c.QUESTION)).text),
    streamed: async () => {
      const pieces = [];
      for await (const { text } of await model.stream(c.QUESTION)) pieces.push(text);
      c.requirePieces(pieces);
    },
    structured: async () => c.requirePerson(await model.withStructuredOutput(Person).invoke(c.PERSON)),
    tools: () => loop(model, (agent, messages) => agent.invoke(messages)),
    'tools streamed': () =>
      loop(model, async (agent, messages) => {
        let whole;
        for await (const chunk of await agent.stream(messages)) whole = whole ? whole.concat(chunk) : chunk;
        return whole;
      }),
  });
};
