import { beforeAll, describe } from 'vitest';
import { describeOpenResponses, type ResponsesServer } from '../../../contracts/open-responses.ts';
import { type LocalOpenai, localOpenai } from '../../../fixtures/local-openai.ts';

let server: LocalOpenai;
beforeAll(async () => {
  server = await localOpenai();
});

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
