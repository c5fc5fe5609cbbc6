import { beforeAll, describe, expect, test } from 'vitest';
import { composeGenerateOne } from '../../functions/compose/model.ts';
import { composeListModels } from '../../functions/compose/models.ts';
import { type Configuration, configurationOf } from '../../lib/adapters/settings/configuration.ts';
import type { Setting } from '../../lib/sampling/setting.ts';
import { type LocalOpenai, localOpenai } from '../fixtures/local-openai.ts';

let server: LocalOpenai;
let config: Configuration;
beforeAll(async () => {
  server = await localOpenai();
  config = configurationOf({
    TABLE_NAME: 'table',
    CONTENT_BUCKET: 'bucket',
    BUS_NAME: 'bus',
    JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
    INTAKE_QUEUE_URL: 'http://127.0.0.1/intake',
    OPENAI_BASE_URL: server.url,
    OPENAI_API_KEY: server.apiKey,
    PROVIDERS: JSON.stringify({
      again: { base_url: server.url, api_key: server.apiKey },
      gone: { base_url: 'http://127.0.0.1:1/v1', api_key: 'secret-key' },
    }),
  });
});

const generate = (setting: Partial<Setting>) =>
  composeGenerateOne(
    config,
    () => false,
  )({
    setting: { label: 'default', model: 'everytoken-ngram', maxTokens: 40, ...setting },
    index: 0,
    sample: 0,
    messages: [{ role: 'user', content: 'Explain vector databases in a technical manner.' }],
    strictSampling: true,
    signal: new AbortController().signal,
    onChunk: () => {},
    onRestart: () => {},
  });

const known = ({ logprob }: { logprob: number | null }): number => logprob ?? Number.NaN;

describe('the local model', () => {
  test('with top_k 1 gives its greedy text, whatever the temperature and seed', async () => {
    const settings = [
      { temperature: 0 },
      { topK: 1, temperature: 0, seed: 1 },
      { topK: 1, temperature: 1, seed: 2 },
      { topK: 1, temperature: 2, seed: 3 },
    ];
    const outputs = await Promise.all(settings.map(generate));
    const [greedy, ...others] = outputs.map(({ generation }) => generation.text);
    expect(greedy?.length).toBeGreaterThan(50);
    for (const text of others) expect(text).toBe(greedy);
    for (const { generation } of outputs.slice(1)) {
      expect(generation.sampling).toMatchObject({ effective: { top_k: 1 }, warnings: [] });
    }
    const free = await generate({ temperature: 2, seed: 3 });
    expect(free.generation.text).not.toBe(greedy);
  });

  test('with top_k 1 chooses the token with the highest log probability, according to the trace', async () => {
    const { trace, generation } = await generate({
      topK: 1,
      temperature: 2,
      logprobs: true,
      topLogprobs: 5,
    });
    const entries = trace.chunks.flatMap(({ logprobs }) => logprobs ?? []);
    expect(entries.length).toBeGreaterThan(20);
    for (const { token, logprob, top_logprobs: top } of entries) {
      expect(top).toHaveLength(5);
      expect(logprob).toBe(Math.max(...top.map(known)));
      expect(top.filter((one) => one.logprob === logprob).map((one) => one.token)).toContain(token);
    }
    expect(entries.map(({ token }) => token).join('')).toBe(generation.text);
    expect(generation.sampling).toMatchObject({
      effective: { logprobs: true, top_logprobs: 5 },
      warnings: [],
    });
  });

  test('with top_k 3 chooses among the three most probable tokens alone, and not always the first', async () => {
    const { trace } = await generate({
      topK: 3,
      temperature: 2,
      seed: 5,
      maxTokens: 80,
      logprobs: true,
      topLogprobs: 3,
    });
    const entries = trace.chunks.flatMap(({ logprobs }) => logprobs ?? []);
    for (const { logprob, top_logprobs: top } of entries) {
      expect(logprob).toBeGreaterThanOrEqual(Math.min(...top.map(known)));
    }
    expect(entries.some(({ logprob, top_logprobs: [first] }) => (logprob ?? 0) < (first?.logprob ?? 0))).toBe(
      true,
    );
  });
});

test('GET /models lists the models of each local provider, and names the provider that does not answer', async () => {
  const { data, providers } = await composeListModels(config)();
  const sampling = { top_k: 'applied', temperature: 'always', logprobs: 'applied' };
  expect(data.filter(({ retired }) => !retired)).toMatchObject([
    { id: 'everytoken-ngram', provider: 'default', sampling, price: null },
    { id: 'everytoken-use', provider: 'default', sampling: null },
    { id: 'again/everytoken-ngram', provider: 'again', sampling },
    { id: 'again/everytoken-use', provider: 'again' },
  ]);
  expect(providers).toMatchObject([
    { name: 'default', status: 'ok', server: 'everytoken', models: 2, error: null },
    { name: 'again', status: 'ok', server: 'everytoken', models: 2 },
    { name: 'gone', status: 'error', models: null, error: { code: 'upstream_error' } },
  ]);
  expect(JSON.stringify(providers)).not.toContain('secret-key');
});
