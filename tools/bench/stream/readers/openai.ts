import OpenAI from 'openai';
import { askedBy, type MakeReader, PROMPT } from '../reader.ts';

/** The usual hand-written loop over the SDK's stream. */
export const makeReader: MakeReader = ({ models }) => {
  const client = new OpenAI({ apiKey: 'bench', baseURL: models });
  return async (shape) => {
    let text = '';
    if (shape === 'responses') {
      const events = await client.responses.create({ model: shape, input: PROMPT, stream: true });
      for await (const event of events) if (event.type === 'response.output_text.delta') text += event.delta;
      return text.length;
    }
    const chunks = await client.chat.completions.create({
      model: shape,
      messages: [{ role: 'user', content: PROMPT }],
      stream: true,
      stream_options: { include_usage: true },
      ...askedBy(shape),
    });
    for await (const { choices } of chunks) {
      const delta = choices[0]?.delta;
      text += delta?.content ?? delta?.tool_calls?.[0]?.function?.arguments ?? '';
    }
    return text.length;
  };
};
