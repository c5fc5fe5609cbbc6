import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../lib/http/problem.ts';
import type { RunView } from '../../lib/runs/run-view.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

const prompt = 'Explain refusals.';

export const describeRefusals = (stack: () => RunningStack) =>
  describe('what the API refuses', () => {
    let api: Client;
    beforeAll(() => {
      api = clientOf(stack().file.api);
    });

    it.each([
      ['checks', { checks: [{ type: 'contains', value: 'HNSW' }] }],
      ['response_format', { response_format: { type: 'json_object' } }],
      ['strict_sampling', { strict_sampling: true }],
      ['settings.0.response_format', { settings: [{ label: 'a', response_format: {} }] }],
      ['tempratur', { tempratur: 1 }],
      ['top_p', { top_p: 0 }],
    ])('the field %s, by name, as problem+json', async (path, fields) => {
      const { status, headers, body } = await api.run<Problem>({ prompt, ...fields });
      expect(status).toBe(400);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ status: 400, code: 'invalid_input', title: expect.any(String) });
      expect(body.errors?.map((issue) => issue.path)).toEqual([path]);
    });

    it('not the same fields when they are null', async () => {
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

    it.each([
      ['/runs/run_00000000000000000000000000?wait=20', 'wait'],
      ['/runs?format=csv', 'format'],
      ['/runs?colour=red', 'colour'],
    ])('%s: the parameter, by name', async (path, name) => {
      const { status, body } = await api.problem(path);
      expect([status, body.errors?.map((issue) => issue.path)]).toEqual([400, [name]]);
    });

    it.each([
      [404, 'not_found', '/runs/run_00000000000000000000000000', {}],
      [404, 'unknown_route', '/comparisons', {}],
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

    it('a model that the server does not have: 502 with the run, naming what there is', async () => {
      const { status, body } = await api.run<Problem & { run: RunView }>({ prompt, model: 'gpt-none' });
      expect([status, body.code, body.run.status]).toEqual([502, 'model_not_found', 'failed']);
      expect(body.detail).toContain('everytoken-ngram');
    });
  });
