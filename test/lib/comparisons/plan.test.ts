import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isComparisonId, makePlan } from '../../../lib/comparisons/plan.ts';
import { parseComparison } from '../../../lib/comparisons/request.ts';
import { canonicalJson } from '../../../lib/json/canonical-json.ts';

type Body = { settings: { label: string }[]; metadata: Record<string, string>; prompt: string };
const planOf = async (body: object, id = 'cmp_1') =>
  makePlan(await parseComparison(body, { model: 'gpt-6-luna' }), {
    id,
    createdAt: '2026-11-22T13:00:00.000Z',
    bucket: 'content',
  });
const two = { prompts: ['one', 'two'], settings: [{ label: 'a' }, { label: 'b', model: 'gpt-6-sol' }] };

describe('a plan', () => {
  test('has complete blocks: each prompt as often as there are samples, with every setting once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.string(),
        async (prompts, settings, samples, id) => {
          const { plan, lines } = await planOf(
            {
              prompts: Array.from({ length: prompts }, (_, at) => `prompt ${at}`),
              settings: Array.from({ length: settings }, (_, at) => ({ label: `s${at}` })),
              samples,
            },
            id,
          );
          const bodies = lines.blocks.map(({ body }) => body as Body);
          const labels = plan.settings.map(({ label }) => label);
          expect(bodies).toHaveLength(prompts * samples);
          for (let prompt = 0; prompt < prompts; prompt += 1) {
            expect(plan.blocks.filter((block) => block.prompt === prompt)).toHaveLength(samples);
          }
          for (const [at, { order, prompt }] of plan.blocks.entries()) {
            expect(order.toSorted((a, b) => a - b)).toEqual([...labels.keys()]);
            expect(bodies[at]?.settings.map(({ label }) => label)).toEqual(order.map((each) => labels[each]));
            expect(bodies[at]?.prompt).toBe(`prompt ${prompt}`);
          }
          // Equal prompts must be separate runs.
          expect(new Set(bodies.map(canonicalJson)).size).toBe(bodies.length);
          expect(new Set(plan.blocks.map(({ run_id }) => run_id)).size).toBe(bodies.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is the same for the same id, and different for another id', async () => {
    const body = { ...two, samples: 20 };
    expect(await planOf(body)).toEqual(await planOf(body));
    const orderOf = ({ plan }: Awaited<ReturnType<typeof planOf>>) => plan.blocks.map(({ order }) => order);
    expect(orderOf(await planOf(body, 'cmp_2'))).not.toEqual(orderOf(await planOf(body)));
  });

  test('puts each setting first in about half of the blocks', async () => {
    const { plan } = await planOf({ ...two, samples: 60 });
    const first = plan.blocks.filter(({ order }) => order[0] === 0).length;
    expect(first).toBeGreaterThan(40);
    expect(first).toBeLessThan(80);
  });

  test('warms up each distinct model once, before all blocks, without indexing', async () => {
    const { plan, lines } = await planOf({
      prompts: ['one'],
      settings: [{ label: 'a' }, { label: 'b', temperature: 1 }, { label: 'c', model: 'gpt-6-sol' }],
      reasoning_effort: 'none',
      response_format: { type: 'json_object' },
      checks: [{ type: 'contains', value: 'x' }],
    });
    expect(lines.warm_ups.map(({ body }) => body)).toEqual([
      {
        prompt: 'Say hello.',
        model: 'gpt-6-luna',
        max_tokens: 16,
        reasoning_effort: 'none',
        index: false,
        metadata: { comparison: 'cmp_1', warm_up: 'true' },
      },
      expect.objectContaining({ model: 'gpt-6-sol' }),
    ]);
    expect([...lines.warm_ups, ...lines.blocks].map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(plan.warm_ups).toHaveLength(2);
  });

  test('gives its runs the caller’s metadata and their place in the comparison', async () => {
    const { lines } = await planOf({
      prompts: ['one'],
      settings: [{ label: 'a' }],
      metadata: { team: 'docs' },
    });
    expect(lines.blocks.map(({ body }) => (body as Body).metadata)[0]).toEqual({
      team: 'docs',
      comparison: 'cmp_1',
      block: '1',
      prompt: '0',
    });
  });

  test('is refused when its lines would be too large', async () => {
    const body = { prompts: ['x'.repeat(400_000)], settings: [{ label: 'a' }], samples: 64 };
    await expect(planOf(body)).rejects.toMatchObject({ issues: [{ path: 'samples' }] });
  });
});

test('ids of comparisons are distinguishable from others', () => {
  expect(isComparisonId('cmp_00000000000000000000000001')).toBe(true);
  expect(isComparisonId('run_00000000000000000000000001')).toBe(false);
  expect(isComparisonId('cmp_../1')).toBe(false);
});
