import { describe, expect, test } from 'vitest';
import type { GenerationTask } from '../../../lib/generate/generate-one.ts';
import { makeRoutedGeneration, type RoutedDeps } from '../../../lib/generate/routed-generation.ts';
import { makeRouteOf, makeServer } from '../../../lib/sampling/server.ts';
import { makeFakeClock, makeMemoryModel } from './memory-model.ts';

const price = { source: 'a list', as_of: '2026-11-01' };

/** Two servers, the default one and `mine`, which record their requests. */
const makeServers = (own: Partial<RoutedDeps> = {}) => {
  const clock = makeFakeClock();
  const steps: string[] = [];
  const [standard, mine] = [makeServer('http://127.0.0.1:1/v1'), makeServer('http://127.0.0.1:2/v1')];
  const clientOf = (name: string) => {
    const memory = makeMemoryModel([{ texts: ['a text'] }], clock);
    const identify = async (model: string) => void steps.push(`${name} identifies ${model}`);
    const model: typeof memory.model = {
      stream: (request, options) => {
        steps.push(`${name} is asked for ${request.model}`);
        return memory.model.stream(request, options);
      },
    };
    return { model, identify };
  };
  const generateOne = makeRoutedGeneration({
    routeOf: makeRouteOf(standard, new Map([['mine', mine]]), new Map([['an alias', 'mine/llama']])),
    clients: new Map([
      [standard, clientOf('the default server')],
      [mine, clientOf('mine')],
    ]),
    pricesOf: (provider, server, { model }) => ({
      priceOf: () => {
        steps.push(`${model} has the price of ${provider ?? 'the default'} at ${server.baseUrl}`);
        return { input: 1, cached: 1, output: 1, price };
      },
    }),
    isCold: () => false,
    clock,
    random: () => 0,
    sleep: async () => undefined,
    ...own,
  });
  const generate = async (setting: Partial<GenerationTask['setting']>) => {
    const { generation } = await generateOne({
      setting: { label: 'a label', model: 'llama3', maxTokens: 20, ...setting },
      index: 0,
      sample: 0,
      messages: [{ role: 'user', content: 'a prompt' }],
      signal: new AbortController().signal,
    });
    return generation;
  };
  return { generate, steps };
};

describe('a generation', () => {
  test('is sent to the server of its model, under its name there and at the prices there', async () => {
    const { generate, steps } = makeServers();
    expect(await generate({ model: 'mine/meta/llama-4' })).toMatchObject({
      text: 'a text',
      provider: 'mine',
    });
    expect(steps).toEqual([
      'mine is asked for meta/llama-4',
      'mine/meta/llama-4 has the price of mine at http://127.0.0.1:2/v1',
    ]);
  });

  test('is sent under the name of the model that its alias stands for', async () => {
    const { generate, steps } = makeServers();
    expect(await generate({ model: 'an alias' })).toMatchObject({ text: 'a text', provider: 'mine' });
    expect(steps).toContain('mine is asked for llama');
  });

  test('names no provider when it came from the default server', async () => {
    const { generate, steps } = makeServers();
    expect(await generate({})).not.toHaveProperty('provider');
    expect(steps).toEqual([
      'the default server is asked for llama3',
      'llama3 has the price of the default at http://127.0.0.1:1/v1',
    ]);
  });

  test.each([{ topK: 40 }, { extraBody: { min_p: 0.05 } }])(
    'has its server identified first when it sets %o, which not every server applies',
    async (setting) => {
      const { generate, steps } = makeServers();
      await generate({ model: 'mine/llama3', ...setting });
      expect(steps.slice(0, 2)).toEqual(['mine identifies llama3', 'mine is asked for llama3']);
    },
  );

  test('records whether it began in a cold environment', async () => {
    const answers = [true, false];
    const { generate } = makeServers({ isCold: () => answers.shift() ?? false });
    expect((await generate({})).timing?.cold_start).toBe(true);
    expect((await generate({})).timing?.cold_start).toBe(false);
  });

  test('without a client for its server is an error of the composition', async () => {
    const { generate } = makeServers({ clients: new Map() });
    await expect(generate({})).rejects.toThrow('no client is composed for the model server of this route');
  });
});
