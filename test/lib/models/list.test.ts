import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../lib/errors.ts';
import { type ModelSource, makeListModels } from '../../../lib/models/list.ts';
import { type Prices, UNKNOWN_PRICES } from '../../../lib/pricing/prices.ts';
import type { ListedModel } from '../../../lib/sampling/identify-server.ts';
import { makeServer } from '../../../lib/sampling/server.ts';

const model = (id: string, own: Partial<ListedModel> = {}): ListedModel => ({
  id,
  ownedBy: null,
  shutdownDate: null,
  ...own,
});
const source = (own: Partial<ModelSource> = {}): ModelSource => ({
  name: null,
  server: makeServer('http://127.0.0.1:8000/v1'),
  list: async () => [],
  prices: UNKNOWN_PRICES,
  ...own,
});
const clock = { now: () => 0 };
const groq = makeServer('https://api.groq.com/openai/v1');
const present = ({ retired }: { retired: boolean }) => !retired;

describe('the list of models', () => {
  test('names each model as a run does, with the parameters its server applies and its price', async () => {
    const price = { source: 'our contract', as_of: '2026-11-01' };
    const prices: Prices = {
      priceOf: (id) => (id === 'llama' ? { input: 3, cached: 2, output: 4, price } : undefined),
    };
    const list = makeListModels(
      [
        source({ list: async () => [model('gpt-6-luna'), model('text-embedding-3-small')] }),
        source({ name: 'groq', server: groq, list: async () => [model('llama')], prices }),
      ],
      clock,
    );
    const { data, providers } = await list();
    expect(data.filter(present)).toMatchObject([
      { id: 'gpt-6-luna', provider: 'default', sampling: { top_k: 'unknown' }, price: null },
      { id: 'text-embedding-3-small', provider: 'default', sampling: null },
      {
        id: 'groq/llama',
        provider: 'groq',
        sampling: { top_k: 'refused' },
        price: { input: 3, cached: 2, output: 4, ...price },
      },
    ]);
    expect(providers).toEqual([
      { name: 'default', status: 'ok', server: 'other', models: 2, error: null },
      { name: 'groq', status: 'ok', server: 'groq', models: 1, error: null },
    ]);
  });

  test("includes OpenAI's retired models and their replacement, at the default server and at OpenAI", async () => {
    const list = makeListModels(
      [
        source(),
        source({ name: 'groq', server: groq }),
        source({ name: 'oa', server: makeServer('https://api.openai.com/v1') }),
      ],
      clock,
    );
    const { data } = await list();
    expect(data.every(({ retired }) => retired)).toBe(true);
    expect(data).toContainEqual(
      expect.objectContaining({
        id: 'text-davinci-003',
        sampling: null,
        shutdown_date: '2024-01-04',
        retired: true,
        replacement: 'gpt-6-luna',
      }),
    );
    expect(data.map(({ id }) => id)).toContain('oa/text-davinci-003');
    expect(data.map(({ id }) => id)).not.toContain('groq/text-davinci-003');
  });

  test('has the retirement date of a model, from the catalogue or from its server', async () => {
    const listed = [model('gpt-4o'), model('other', { shutdownDate: '2027-03-01' })];
    const { data } = await makeListModels([source({ list: async () => listed })], clock)();
    expect(data.filter(present).map(({ shutdown_date }) => shutdown_date)).toEqual([
      '2027-01-14',
      '2027-03-01',
    ]);
  });

  test('identifies a server by the owner in its list', async () => {
    const listed = [model('llama3', { ownedBy: 'library' })];
    const { data, providers } = await makeListModels([source({ list: async () => listed })], clock)();
    expect(data[0]?.sampling?.top_k).toBe('dropped');
    expect(providers[0]?.server).toBe('ollama');
  });

  test('reports the error of a server that refuses, and the models of the others', async () => {
    const refused = source({
      name: 'groq',
      server: groq,
      list: async () => {
        throw new ConfigurationError('groq: the key is refused');
      },
    });
    const broken = source({
      name: 'broken',
      list: async () => {
        throw new TypeError('something with a secret in it');
      },
    });
    const { data, providers } = await makeListModels(
      [source({ list: async () => [model('a')] }), refused, broken],
      clock,
    )();
    expect(data.filter(present)).toMatchObject([{ id: 'a' }]);
    expect(providers).toMatchObject([
      { status: 'ok' },
      {
        status: 'error',
        models: null,
        error: { code: 'configuration', message: 'groq: the key is refused' },
      },
      { status: 'error', error: { code: 'internal' } },
    ]);
    expect(JSON.stringify(providers)).not.toContain('secret');
  });

  test('does not wait for a server that does not answer', async () => {
    const silent = source({
      list: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    const { providers } = await makeListModels([silent], clock, 20)();
    expect(providers).toMatchObject([{ status: 'error', error: { code: 'timeout' } }]);
  });

  test('is cached for a minute', async () => {
    let now = 0;
    let asked = 0;
    const counted = source({
      list: async () => {
        asked++;
        return [];
      },
    });
    const list = makeListModels([counted], { now: () => now });
    await Promise.all([list(), list()]);
    now = 59_999;
    await list();
    expect(asked).toBe(1);
    now = 60_000;
    await list();
    expect(asked).toBe(2);
  });
});
