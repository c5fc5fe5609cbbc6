import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe } from 'vitest';
import { makeOpenAIModel } from '../../../../../lib/adapters/openai/model.ts';
import { openAIPrices } from '../../../../../lib/adapters/openai/prices.ts';
import { generateOne } from '../../../../../lib/generate/generate-one.ts';
import { makeServer } from '../../../../../lib/sampling/server.ts';
import { describeOpenResponses, type ResponsesServer } from '../../../../contracts/open-responses.ts';
import { type LocalOpenai, localOpenai } from '../../../../fixtures/local-openai.ts';
import { makeWorld } from '../../../../memory/world.ts';
import { makeWorldApi } from '../../../../memory/world-api.ts';

const model = 'everytoken-ngram';
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const policy = {
  attempts: 1,
  firstTokenMs: 20_000,
  idleMs: 20_000,
  totalMs: 40_000,
  baseDelayMs: 1,
  maxDelayMs: 2,
  longestWaitMs: 300_000,
};

/** The API over ports in memory, whose runs the local model server generates. */
const appOver = ({ url, apiKey }: LocalOpenai) => {
  const server = makeServer(url);
  const upstream = makeOpenAIModel({ apiKey, baseURL: url, clock });
  const world = makeWorld({
    defaults: { model },
    generateOne: (task) =>
      generateOne(task, {
        model: upstream,
        server,
        clock,
        prices: openAIPrices,
        random: Math.random,
        sleep: (ms, signal) => sleep(ms, undefined, { signal }),
        coldStart: false,
        policy,
      }),
  });
  return makeWorldApi(world).generate;
};

let server: LocalOpenai;
let app: ReturnType<typeof appOver>;
beforeAll(async () => {
  server = await localOpenai();
  app = appOver(server);
});

const connect =
  (): ResponsesServer =>
  async (body, path = '') =>
    app.request(`http://127.0.0.1/v1/responses${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

describe('the open conformance suite, on the API over the local model server', () => {
  describeOpenResponses(connect, { model, stores: true });
});
