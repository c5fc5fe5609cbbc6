import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOf, usedBy } from '../../../lib/budget/charges.ts';
import { parseRunRequest } from '../../../lib/runs/request.ts';
import { makeRouteOf, makeServer } from '../../../lib/sampling/server.ts';
import { makeGeneration } from '../../factories/generation.ts';

const price = { input: 2, cached: 0.5, output: 8, price: { source: 'x', as_of: '2026-11-01' } };
const parse = (body: Record<string, unknown>) => parseRunRequest(body, { model: 'gpt-6-luna' });

describe('the upper bound of a run', () => {
  const server = makeServer('', { kind: 'everytoken' });
  const routeOf = makeRouteOf(server, new Map());
  const bytesOf = (fields: Record<string, unknown>, messages: unknown) =>
    Buffer.byteLength(
      JSON.stringify({
        ...fields,
        model: 'gpt-6-luna',
        messages,
        stream: true,
        stream_options: { include_usage: true, continuous_usage_stats: true },
      }),
    );

  test('is the bytes of what is sent and max_tokens, for each generation, at its price', () => {
    const request = parse({
      prompt: 'Größe',
      max_tokens: 100,
      settings: [{ label: 'a' }, { label: 'b', max_tokens: 10, extra_body: { tools: [] } }],
      samples: 2,
    });
    const messages = [{ role: 'user', content: 'Größe' }];
    const a = bytesOf({ max_tokens: 100 }, messages);
    const b = bytesOf({ max_tokens: 10, tools: [] }, messages);
    // Prices are in USD a million tokens, amounts in billionths of a USD.
    expect(boundsOf(request, { routeOf, priceOf: () => price })).toEqual([
      { tokens: a + 100, nanoUsd: a * 2_000 + 100 * 8_000 },
      { tokens: a + 100, nanoUsd: a * 2_000 + 100 * 8_000 },
      { tokens: b + 10, nanoUsd: b * 2_000 + 10 * 8_000 },
      { tokens: b + 10, nanoUsd: b * 2_000 + 10 * 8_000 },
    ]);
  });

  test('has the bytes of a prediction as completion tokens too, since rejected ones are billed so', () => {
    const part = fc.record({ type: fc.constant('text'), text: fc.string({ unit: 'grapheme' }) });
    const content = fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(part, { maxLength: 3 }));
    const limit = fc.integer({ min: 1, max: 131_072 });
    fc.assert(
      fc.property(content, limit, (predicted, most) => {
        const prediction = { type: 'content', content: predicted };
        const request = parse({ prompt: 'x', max_tokens: most, extra_body: { prediction } });
        const said = Buffer.byteLength(
          typeof predicted === 'string' ? predicted : predicted.map(({ text }) => text).join(''),
        );
        const sent = bytesOf({ max_tokens: most, prediction }, [{ role: 'user', content: 'x' }]);
        const [bound] = boundsOf(request, { routeOf, priceOf: () => price });
        const completion = (bound?.tokens ?? 0) - sent;
        expect(completion).toBeGreaterThanOrEqual(most + said);
        // Rounded up, since amounts are whole.
        expect((bound?.nanoUsd ?? 0) - sent * 2_000 - completion * 8_000).toBeOneOf([0, 1]);
      }),
    );
  });

  test('has 1024 tokens without max_tokens, and no price if none is known', () => {
    const sent = bytesOf({ max_tokens: 1_024 }, [{ role: 'user', content: 'x' }]);
    expect(boundsOf(parse({ prompt: 'x' }), { routeOf, priceOf: () => undefined })).toEqual([
      { tokens: sent + 1_024, nanoUsd: null },
    ]);
  });
});

describe('the usage of a generation', () => {
  const bound = { tokens: 500, nanoUsd: 900 };

  test('is the tokens and cost that the server reported', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 21, reasoning_tokens: 3, cached_tokens: 0 };
    expect(usedBy(makeGeneration({ usage, cost_usd: 0.000_001 }), bound)).toEqual({
      tokens: 30,
      nanoUsd: 1_000,
    });
  });

  test('is its bound if the server reported nothing', () => {
    const usage = { prompt_tokens: null, completion_tokens: 21, reasoning_tokens: null, cached_tokens: null };
    expect(usedBy(makeGeneration({ usage, cost_usd: null }), bound)).toEqual(bound);
  });

  test('is never less than its cost in money', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1_000, noNaN: true }), (cost) => {
        const { nanoUsd } = usedBy(makeGeneration({ cost_usd: cost }), bound);
        expect((nanoUsd ?? 0) / 1e9).toBeGreaterThanOrEqual(cost - 1e-12);
      }),
    );
  });
});
