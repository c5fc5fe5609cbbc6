import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { describe, expect, test } from 'vitest';
import table from '../../../../lib/adapters/openai/prices.json' with { type: 'json' };
import { openAIPrices } from '../../../../lib/adapters/openai/prices.ts';
import { costOf } from '../../../../lib/pricing/prices.ts';
import { extractOpenAIPrices } from '../../../../tools/extract-prices.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const usage = (prompt: number, completion: number, cached: number | null = null) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  reasoning_tokens: null,
  cached_tokens: cached,
});

describe('the bundled price table', () => {
  test('equals the data of the installed price package', () => {
    expect(table).toEqual(extractOpenAIPrices());
  });

  test('prices every text model of OpenAI like the package, on both sides of its tiers and dates', () => {
    const models = findProvider({ providerId: 'openai' })?.models ?? [];
    const amounts = [
      usage(9, 77, 0),
      usage(200_000, 5_000, 150_000),
      usage(271_999, 1),
      usage(272_000, 1),
      usage(400_000, 9_000, 1),
    ];
    let compared = 0;
    for (const { id } of models) {
      for (const at of ['2025-01-01', '2025-06-15', '2026-07-29', '2026-11-22'].map((day) =>
        Date.parse(day),
      )) {
        for (const used of amounts) {
          const { costUsd } = costOf(id, used, openAIPrices, at);
          if (costUsd === null) continue;
          const theirs = calcPrice(
            {
              input_tokens: used.prompt_tokens,
              cache_read_tokens: used.cached_tokens ?? 0,
              output_tokens: used.completion_tokens,
            },
            id,
            { providerId: 'openai', timestamp: new Date(at) },
          );
          expect(costUsd, `${id} ${JSON.stringify(used)}`).toBeCloseTo(theirs?.total_price ?? Number.NaN, 9);
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(1_000);
  });

  test('prices a dated snapshot as its model, and gives its source and date', () => {
    expect(openAIPrices.priceOf('gpt-6-luna-2026-09-01', 100, NOW)).toEqual({
      input: 0.1,
      cached: 0.01,
      output: 0.5,
      price: { source: "OpenAI's list prices by @pydantic/genai-prices 0.1.8", as_of: '2026-09-23' },
    });
  });

  test.each(['everytoken-ngram', 'llama3', 'gpt-6-luna-of-my-own', 'ft:gpt-4o-mini:org::id', ''])(
    'has no price for %j',
    (model) => {
      expect(openAIPrices.priceOf(model, 100, NOW)).toBeUndefined();
    },
  );
});
