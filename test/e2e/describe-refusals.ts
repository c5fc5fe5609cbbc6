import { beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../lib/http/problem.ts';
import type { ModelsView } from '../../lib/models/list.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

const prompt = 'Explain refusals.';

export const describeRefusals = (stack: () => RunningStack) =>
  describe('the API refuses', () => {
    let api: Client;
    beforeAll(() => {
      api = clientOf(stack().file.api);
    });

    test.each([
      ['checks.0.pattern', { checks: [{ type: 'regex', pattern: 'a(' }] }],
      ['response_format.type', { response_format: { type: 'yaml' } }],
      ['strict_sampling', { strict_sampling: 'yes' }],
      ['settings.0.response_format.type', { settings: [{ label: 'a', response_format: {} }] }],
      ['tempratur', { tempratur: 1 }],
      ['top_p', { top_p: 1.5 }],
    ])('the field %s, by name, as problem+json', async (path, fields) => {
      const { status, headers, body } = await api.run<Problem>({ prompt, ...fields });
      expect(status).toBe(400);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ status: 400, code: 'invalid_input', title: expect.any(String) });
      expect(body.errors?.map((issue) => issue.path)).toEqual([path]);
    });

    test('parameters not known to be applied, when strict_sampling is set', async () => {
      const asked = { prompt, model: 'llama3', top_k: 40, strict_sampling: true };
      const { status, body } = await api.run<Problem>(asked);
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'sampling_not_applied', errors: [{ path: 'top_k' }] });
    });

    test('a retired model, naming the same replacement as GET /models', async () => {
      const { body } = await api.run<Problem>({ prompt, model: 'text-davinci-003' });
      expect(body.errors?.[0]?.message).toContain('gpt-6-luna');
      const response = await fetch(`${stack().file.api}/models`);
      const { data } = (await response.json()) as ModelsView;
      expect(data.find(({ id }) => id === 'text-davinci-003')?.replacement).toBe('gpt-6-luna');
      expect(data.filter(({ retired }) => !retired).map(({ id }) => id)).toEqual([
        'everytoken-ngram',
        'everytoken-use',
      ]);
    });

    test('none of the optional fields when they are null', async () => {
      const nothing = { checks: null, response_format: null, strict_sampling: null, seed: null };
      const { status } = await api.run({
        prompt,
        max_tokens: 2,
        index: false,
        ...nothing,
        extra_body: { pace: 0 },
      });
      expect(status).toBe(201);
    });

    test.each([
      ['/runs/run_00000000000000000000000000?wait=21', 'wait'],
      ['/runs?format=xlsx', 'format'],
      ['/runs?colour=red', 'colour'],
    ])('%s: by the name of the parameter', async (path, name) => {
      const { status, body } = await api.problem(path);
      expect([status, body.errors?.map((issue) => issue.path)]).toEqual([400, [name]]);
    });

    test.each([
      [404, 'not_found', '/runs/run_00000000000000000000000000', {}],
      [404, 'unknown_route', '/nothing', {}],
      [405, 'method_not_allowed', '/search', {}],
      [
        400,
        'invalid_json',
        '/search',
        { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
      ],
      [
        413,
        'body_too_large',
        '/runs',
        {
          method: 'POST',
          body: JSON.stringify({ prompt: 'x'.repeat(2 ** 20) }),
          headers: { 'content-type': 'application/json' },
        },
      ],
    ])('with %i %s', async (status, code, path, init) => {
      const answer = await api.problem(path, init);
      expect([answer.status, answer.body.status, answer.body.code]).toEqual([status, status, code]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });

    test('a model that the server does not have: 502 with the run, naming the available ones', async () => {
      const { status, body } = await api.run<Problem & { run: RunView }>({ prompt, model: 'gpt-none' });
      expect([status, body.code, body.run.status]).toEqual([502, 'model_not_found', 'failed']);
      expect(body.detail).toContain('everytoken-ngram');
    });
  });
