import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../lib/http/problem.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

const body = { prompt: 'Explain idempotency.', max_tokens: 8, extra_body: { pace: 0 } };

export const describeIdempotency = (stack: () => RunningStack) =>
  describe('an Idempotency-Key', () => {
    let api: Client;
    beforeAll(() => {
      api = clientOf(stack().file.api);
    });
    const key = () => ({ 'idempotency-key': randomUUID() });

    test('answers the same body with the same run, and another body with 422', async () => {
      const headers = key();
      const first = await api.run(body, headers);
      const again = await api.run(Object.fromEntries(Object.entries(body).reverse()), headers);
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
      expect(again.body.id).toBe(first.body.id);
      expect(again.body.generations[0]?.text).toBe(first.body.generations[0]?.text);
      expect(first.headers.has('idempotent-replayed')).toBe(false);
      const other = await api.run<Problem>({ ...body, max_tokens: 9 }, headers);
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    });

    test('lets one of two concurrent requests through; the other gets 409 and when to retry', async () => {
      const headers = key();
      const slow = { ...body, max_tokens: 12, extra_body: { pace: 8 } };
      const answers = await Promise.all([api.run<Problem>(slow, headers), api.run<Problem>(slow, headers)]);
      answers.sort((a, b) => a.status - b.status);
      expect(answers.map(({ status }) => status)).toEqual([201, 409]);
      expect(answers[1]?.body.code).toBe('run_in_progress');
      expect(Number(answers[1]?.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    test('replays a stream as created, completed, run.completed; a background run keeps its 202 until it has ended', async () => {
      const headers = key();
      const stream = { ...body, stream: true };
      const first = await (await api.send('/runs', stream, headers)).text();
      const again = await (await api.send('/runs', stream, headers)).text();
      const names = (text: string) => [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
      expect(names(first)).toContain('generation.token');
      expect(names(again)).toEqual(['run.created', 'generation.completed', 'run.completed']);

      const later = key();
      const background = { ...body, background: true, max_tokens: 12, extra_body: { pace: 8 } };
      const accepted = await api.run(background, later);
      const repeated = await api.run(background, later);
      expect([accepted.status, repeated.status, repeated.body.id]).toEqual([202, 202, accepted.body.id]);
    });
  });
