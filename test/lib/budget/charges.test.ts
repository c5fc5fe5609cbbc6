import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOf, usedBy } from '../../../lib/budget/charges.ts';
import { parseRunRequest } from '../../../lib/runs/request.ts';
import { makeGeneration } from '../../factories/generation.ts';

const price = { input: 2, cached: 0.5, output: 8, price: { source: 'x', as_of: '2026-11-01' } };
const parse = (body: Record<string, unknown>) => parseRunRequest(body, { model: 'gpt-6-luna' });

describe('the upper bound of a run', () => {
  test('is its prompt in UTF-8 bytes and max_tokens, for each generation, at its price', () => {
    const request = parse({
      prompt: 'Größe',
      max_tokens: 100,
      settings: [{ label: 'a' }, { label: 'b', max_tokens: 10 }],
      samples: 2,
    });
    // 7 bytes x 2 USD + 100 tokens x 8 USD a million = 814 micro-USD
    expect(boundsOf(request, () => price)).toEqual([
      { tokens: 107, nanoUsd: 814_000 },
      { tokens: 107, nanoUsd: 814_000 },
      { tokens: 17, nanoUsd: 94_000 },
      { tokens: 17, nanoUsd: 94_000 },
    ]);
  });

  test('has the bytes of response_format and extra_body, which the model reads, too', () => {
    const request = parse({
      prompt: 'x',
      max_tokens: 10,
      response_format: { type: 'json_object' }, // 22 bytes
      settings: [{ label: 'a' }, { label: 'b', extra_body: { tools: ['x'.repeat(50_000)] } }], // 50,014 bytes
    });
    expect(boundsOf(request, () => price)).toEqual([
      { tokens: 33, nanoUsd: 126_000 },
      { tokens: 50_047, nanoUsd: 100_154_000 },
    ]);
  });

  test('has 1024 tokens without max_tokens, and no price if none is known', () => {
    expect(boundsOf(parse({ prompt: 'x' }), () => undefined)).toEqual([{ tokens: 1_025, nanoUsd: null }]);
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

  test('is nothing if it failed before the first token, and its bound if it failed later', () => {
    const attempt = { error: 'server_error', status: 500, waited_ms: 0, e2e_ms: 5 };
    const failed = (ttft_ms: number | null) =>
      usedBy(makeGeneration({ text: null, attempts: [{ ...attempt, ttft_ms }] }), bound);
    expect(failed(null)).toEqual({ tokens: 0, nanoUsd: 0 });
    expect(failed(12)).toEqual(bound);
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
