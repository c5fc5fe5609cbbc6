import { afterAll, beforeAll, describe } from 'vitest';
import { type OpenaiServer, startOpenai } from '../../../../local/openai/server.ts';
import { describeOpenResponses, type ResponsesServer } from '../../../contracts/open-responses.ts';
import { MODEL_CACHE } from '../../../fixtures/model-cache.ts';

let server: OpenaiServer;
beforeAll(async () => {
  server = await startOpenai({ pace: 0, cacheDir: MODEL_CACHE });
});
afterAll(() => server.close());

const connect =
  (): ResponsesServer =>
  (body, path = '') =>
    fetch(`${server.url}/responses${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.apiKey}` },
      body: JSON.stringify(body),
    });

describe('the open conformance suite, on the local model server', () => {
  describeOpenResponses(connect, { model: 'everytoken-ngram', stores: false });
});
