import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { jsonSchema, streamText, type ToolSet, tool } from 'ai';
import { type MakeReader, PROMPT, TOOL } from '../reader.ts';

const TOOLS: ToolSet = {
  [TOOL.name]: tool({
    description: TOOL.description,
    inputSchema: jsonSchema(TOOL.parameters),
  }),
};

export const makeReader: MakeReader = ({ models }) => {
  const provider = createOpenAICompatible({
    name: 'bench',
    apiKey: 'bench',
    baseURL: models,
    includeUsage: true,
  });
  return async (shape) => {
    let text = '';
    const { stream } = streamText({
      model: provider.chatModel(shape),
      prompt: PROMPT,
      maxRetries: 0,
      ...(shape === 'tools' && { tools: TOOLS }),
    });
    for await (const part of stream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta') text += part.text;
      else if (part.type === 'tool-input-delta') text += part.delta;
    }
    return text.length;
  };
};
