import { ChatOpenAI } from '@langchain/openai';
import { type MakeReader, PROMPT, TOOL } from '../reader.ts';

export const makeReader: MakeReader = ({ models }) => {
  const modelOf = (model: string) =>
    new ChatOpenAI({
      model,
      apiKey: 'bench',
      maxRetries: 0,
      configuration: { baseURL: models },
      ...(model === 'logprobs' && { logprobs: true, topLogprobs: 5 }),
    });
  const byShape = new Map<string, ChatOpenAI>();
  return async (shape) => {
    const model = byShape.get(shape) ?? modelOf(shape);
    byShape.set(shape, model);
    const asked = shape === 'tools' ? { tools: [{ type: 'function' as const, function: TOOL }] } : {};
    let text = '';
    for await (const chunk of await model.stream(PROMPT, asked))
      text += chunk.text || (chunk.tool_call_chunks?.[0]?.args ?? '');
    return text.length;
  };
};
