import { describe, expect, test } from 'vitest';
import { makeApiApp } from '../../../../lib/http/api-app.ts';
import { apiUseCases } from '../../../../lib/http/api-use-cases.ts';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import { openaiModelListSchema } from '../../../../lib/http/openai/chat-schemas.ts';
import type { ModelsView, ModelView, ProviderView } from '../../../../lib/models/list.ts';
import { samplingOf } from '../../../../lib/sampling/catalogue.ts';
import { makeServer } from '../../../../lib/sampling/server.ts';
import { memoryLog, stillClock } from '../../../fixtures/http.ts';
import { openaiSdk } from '../../../fixtures/openai-sdk.ts';
import { makeWorld } from '../../../memory/world.ts';

const model = (id: string, own: Partial<ModelView> = {}): ModelView => ({
  ...{ id, provider: 'default', sampling: samplingOf(makeServer(''), id) },
  ...{ shutdown_date: null, retired: false, replacement: null, price: null },
  ...own,
});
const provider = (status: 'ok' | 'error'): ProviderView => ({
  ...{ name: 'default', status, server: 'openai', models: 1 },
  error: status === 'ok' ? null : { code: 'unreachable', message: 'it cannot be reached' },
});

const sdk = (models: ModelsView) =>
  openaiSdk(
    makeApiApp({
      authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: stillClock }),
      ...apiUseCases(makeWorld().deps),
      listModels: async () => models,
      health: async () => ({ status: 'ok', checks: {} }),
      clock: stillClock,
      log: memoryLog(),
    }),
  );

const models = {
  data: [
    model('gpt-4o', { shutdown_date: '2027-01-14' }),
    model('groq/openai/gpt-oss', { provider: 'groq' }),
    model('text-embedding-3-small', { sampling: null }),
    model('text-davinci-003', { sampling: null, retired: true }),
  ],
  providers: [provider('ok')],
};

describe('GET /v1/models', () => {
  test('lists the models that generate text and are not retired, in OpenAI’s shape', async () => {
    const openai = sdk(models);
    const { data } = await openai.models.list();
    expect(data).toEqual([
      { id: 'gpt-4o', object: 'model', created: 0, owned_by: 'default', shutdown_date: '2027-01-14' },
      { id: 'groq/openai/gpt-oss', object: 'model', created: 0, owned_by: 'groq', shutdown_date: null },
    ]);
    openaiModelListSchema.parse({ object: 'list', data });
  });

  test('returns one by its name, its slashes plain or encoded, and 404 for one that is not listed', async () => {
    const openai = sdk(models);
    expect(await openai.models.retrieve('groq/openai/gpt-oss')).toMatchObject({ owned_by: 'groq' });
    expect(await openai.get('/models/groq/openai/gpt-oss')).toMatchObject({ owned_by: 'groq' });
    for (const id of ['text-davinci-003', 'text-embedding-3-small', 'nobody'])
      await expect(openai.models.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  test('is an error when no server could be reached, and names it', async () => {
    await expect(sdk({ data: [], providers: [provider('error')] }).models.list()).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('default: it cannot be reached'),
    });
    const some = { ...models, providers: [provider('error'), provider('ok')] };
    expect((await sdk(some).models.list()).data).toHaveLength(2);
  });

  test('refuses parameters by name, and other methods with the allowed ones', async () => {
    const openai = sdk(models);
    await expect(openai.get('/models', { query: { limit: 1 } })).rejects.toMatchObject({
      status: 400,
      param: 'limit',
    });
    await expect(openai.post('/models')).rejects.toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(openai.answers.at(-1)?.headers.get('allow')).toBe('GET, HEAD');
    await expect(openai.get('/chat/completions')).rejects.toMatchObject({ status: 405 });
    expect(openai.answers.at(-1)?.headers.get('allow')).toBe('POST');
    await expect(openai.post('/responses')).rejects.toMatchObject({ status: 404, code: 'unknown_route' });
  });
});
