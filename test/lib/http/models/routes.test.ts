import { describe, expect, test } from 'vitest';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import { modelListSchema } from '../../../../lib/http/models/openapi.ts';
import { parseApiKeys } from '../../../../lib/keys/api-key.ts';
import { stillClock } from '../../../fixtures/http.ts';
import { makeApi, models, problemIn } from '../apps.ts';

describe('models', () => {
  test('are listed from the configured servers', async () => {
    const response = await makeApi().app.request('/models');
    expect([response.status, modelListSchema.parse(await response.json())]).toEqual([
      200,
      { ...models, next_cursor: null },
    ]);
  });

  test('are not listed without a key, and the route has no parameter', async () => {
    const authenticate = makeAuthenticate({
      keys: parseApiKeys('other:the-key-of-another'),
      clock: stillClock,
    });
    expect((await makeApi({ authenticate }).app.request('/models')).status).toBe(401);
    const problem = await problemIn(await makeApi().app.request('/models?provider=groq'));
    expect(problem.errors).toEqual([expect.objectContaining({ path: 'provider' })]);
  });
});
