import Instructor from '@instructor-ai/instructor';
import OpenAI from 'openai';
import { z } from 'zod/v3'; // it cannot read schemas of zod 4
import * as c from './check.mjs';

const client = Instructor({
  client: new OpenAI({ baseURL: c.BASE_URL, apiKey: c.KEY, maxRetries: 0 }),
  mode: 'TOOLS',
});
const schema = z.object({ name: z.string(), age: z.number().int() });
const ask = {
  model: c.MODEL,
  messages: [{ role: 'user', content: c.PERSON }],
  response_model: { schema, name: 'Person' },
  max_retries: 0,
};

await c.check({
  structured: async () => c.requirePerson(await client.chat.completions.create(ask)),
  'structured streamed': async () => {
    let latest;
    for await (const part of await client.chat.completions.create({ ...ask, stream: true })) latest = part;
    c.requirePerson(latest);
  },
});
