import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { checkModel } from './ai-sdk.mjs';
import * as c from './check.mjs';

const everytoken = createOpenAICompatible({
  name: 'everytoken',
  baseURL: c.BASE_URL,
  apiKey: c.KEY,
  supportsStructuredOutputs: true,
  includeUsage: true,
});
await checkModel(everytoken(c.MODEL));
