import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emfDocuments } from '../../../lib/adapters/lambda/emf.ts';
import { measureRun } from '../../../lib/lifecycle/measure-run.ts';
import type { MetricName } from '../../../lib/observe/metrics.ts';
import type { Generation, Timing } from '../../../lib/runs/generation.ts';
import { parseRunRequest } from '../../../lib/runs/request.ts';
import { makeGeneration } from '../../factories/generation.ts';
import { emfProblems, extractMetrics } from '../../fixtures/read-emf.ts';

const requestOf = (models: string[], samples = 1) =>
  parseRunRequest(
    { prompt: 'why', samples, settings: models.map((model, at) => ({ label: `s${at}`, model })) },
    { model: 'gpt-6-luna' },
  );
const generated = { status: 'generated' as const };
const textsOf = (measurements: ReturnType<typeof measureRun>) =>
  emfDocuments(measurements, { namespace: 'everytoken', timestamp: Date.UTC(2026, 10, 22) }).map((document) =>
    JSON.stringify(document),
  );
const timed = (own: Partial<Timing>, more: Partial<Generation> = {}): Generation => {
  const generation = makeGeneration(more as object);
  return { ...generation, timing: generation.timing && { ...generation.timing, ...own } };
};

describe('the metrics of a run', () => {
  test('are its figures in seconds, under the names of the OpenTelemetry conventions', () => {
    const generation = timed(
      { ttfr_ms: 140, ttft_ms: 142.25, tpot_ms: 11.1, e2e_ms: 990.5 },
      { usage: { prompt_tokens: 9, completion_tokens: 77, reasoning_tokens: 0, cached_tokens: 0 } },
    );
    const measurements = measureRun(
      generated,
      requestOf(['groq/llama']),
      [{ ...generation, cost_usd: 0.0000394 }],
      () => 'groq',
    );
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'groq',
      'gen_ai.request.model': 'groq/llama',
      'gen_ai.response.model': 'gpt-6-luna-2026-10-01',
    };
    expect(measurements).toEqual([
      { name: 'everytoken.run.failures', values: [0], attributes: {} },
      { name: 'gen_ai.client.operation.duration', values: [0.9905], attributes },
      { name: 'gen_ai.client.operation.time_to_first_chunk', values: [0.14], attributes },
      { name: 'everytoken.time_to_first_token', values: [0.14225], attributes },
      { name: 'everytoken.time_per_output_token', values: [0.0111], attributes },
      { name: 'everytoken.cost', values: [0.0000394], attributes },
      { name: 'everytoken.output_tokens', values: [77], attributes },
      { name: 'everytoken.input_tokens', values: [9], attributes },
    ]);
  });

  test('leave out unknown figures, which are never zero', () => {
    const unknown = timed(
      { ttfr_ms: null, ttft_ms: null, tpot_ms: null },
      {
        cost_usd: null,
        usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
      },
    );
    const names = measureRun(generated, requestOf(['gpt-6-luna']), [unknown]).map(({ name }) => name);
    expect(names).toEqual(['everytoken.run.failures', 'gen_ai.client.operation.duration']);
    const fromBatch = { ...unknown, timing: null };
    expect(measureRun(generated, requestOf(['gpt-6-luna']), [fromBatch])).toHaveLength(1);
  });

  test('count a failed run as one failure, with no metric of a model that never answered', () => {
    const failed = makeGeneration({ text: null });
    expect(measureRun({ status: 'failed' }, requestOf(['no-such-model']), [failed])).toEqual([
      { name: 'everytoken.run.failures', values: [1], attributes: {} },
    ]);
  });

  test('are valid for up to 64 generations of several models, and report each model separately', () => {
    const models = ['gpt-6-luna', 'groq/llama', 'everytoken-ngram'];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...models), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.boolean(), { minLength: 64, maxLength: 64 }),
        (own, samples, fails) => {
          const request = requestOf(own, samples);
          const generations = Array.from({ length: own.length * samples }, (_, index) =>
            makeGeneration({ index, ...(fails[index] ? { text: null } : {}) }),
          );
          const texts = textsOf(measureRun(generated, request, generations));
          expect(texts.flatMap(emfProblems)).toEqual([]);
          const extracted = texts.flatMap(extractMetrics);
          const countOf = (name: MetricName, model?: string) =>
            extracted
              .filter(
                ({ name: other, dimensions }) =>
                  name === other && dimensions['gen_ai.request.model'] === model,
              )
              .reduce((sum, { values }) => sum + values.length, 0);
          const completed = generations.filter(({ status }) => status === 'completed');
          expect(countOf('everytoken.time_to_first_token')).toBe(completed.length);
          for (const model of models) {
            const asked = completed.filter(({ index }) => own[Math.floor(index / samples)] === model);
            expect(countOf('gen_ai.client.operation.duration', model)).toBe(asked.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('take one line for one model, whatever the number of its generations', () => {
    const generations = Array.from({ length: 64 }, (_, index) => makeGeneration({ index }));
    expect(textsOf(measureRun(generated, requestOf(['gpt-6-luna'], 64), generations))).toHaveLength(1);
  });
});
