import { createOpenAI } from '@ai-sdk/openai';
import { checkModel } from './ai-sdk.mjs';
import * as c from './check.mjs';

await checkModel(createOpenAI({ baseURL: c.BASE_URL, apiKey: c.KEY })(c.MODEL));
