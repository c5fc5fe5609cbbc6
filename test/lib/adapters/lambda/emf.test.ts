import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emfDocuments, MAX_VALUES } from '../../../../lib/adapters/lambda/emf.ts';
import { METRICS, type Measurement, type MetricName } from '../../../../lib/observe/metrics.ts';
import { emfProblems, extractMetrics, valuesIn } from '../../../fixtures/read-emf.ts';

const AT = { namespace: 'everytoken', timestamp: Date.UTC(2026, 10, 22, 13) };
const textsOf = (measurements: Measurement[]) =>
  emfDocuments(measurements, AT).map((document) => JSON.stringify(document));

const names = Object.keys(METRICS) as MetricName[];
const measurement = fc
  .record({
    name: fc.constantFrom(...names),
    values: fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 250 }),
    model: fc.constantFrom('gpt-6-luna', 'groq/llama', 'модель', ' ', 'x'.repeat(300)),
    operation: fc.constantFrom('chat', 'embeddings'),
  })
  .map(
    ({ name, values, model, operation }): Measurement => ({
      name,
      values,
      attributes: {
        'gen_ai.operation.name': operation,
        'gen_ai.request.model': model,
      },
    }),
  );
const sorted = (values: number[]) => values.toSorted((a, b) => a - b);

describe('emfDocuments', () => {
  test('are valid for any measurements, and lose no value', () => {
    fc.assert(
      fc.property(fc.array(measurement, { maxLength: 8 }), (measurements) => {
        const texts = textsOf(measurements);
        expect(texts.flatMap(emfProblems)).toEqual([]);
        for (const name of names) {
          const sent = measurements.filter((one) => one.name === name).flatMap(({ values }) => values);
          const found = texts.flatMap(valuesIn).filter((one) => one.name === name);
          // JSON has no negative zero.
          expect(sorted(found.flatMap(({ values }) => values))).toEqual(
            sorted(sent.map((value) => value + 0)),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test('report each value under each of its sets of dimensions, with its own attributes', () => {
    fc.assert(
      fc.property(fc.array(measurement, { maxLength: 6 }), (measurements) => {
        const extracted = textsOf(measurements).flatMap(extractMetrics);
        for (const { name, attributes } of measurements) {
          const same = (one: Measurement) =>
            one.name === name && JSON.stringify(one.attributes) === JSON.stringify(attributes);
          const expected = measurements.filter(same).flatMap(({ values }) => values);
          const byModel = METRICS[name].by.at(-1) as readonly string[];
          const model = attributes?.['gen_ai.request.model'] ?? '';
          if (!byModel.includes('gen_ai.request.model') || !/^[!-~]{1,255}$/.test(model)) continue;
          const own = extracted.filter(
            (one) =>
              one.name === name &&
              Object.keys(one.dimensions).length === byModel.length &&
              byModel.every((key) => one.dimensions[key] === Reflect.get(attributes ?? {}, key)),
          );
          const alike = byModel.includes('gen_ai.operation.name')
            ? expected
            : measurements
                .filter((one) => one.name === name && one.attributes?.['gen_ai.request.model'] === model)
                .flatMap(({ values }) => values);
          expect(sorted(own.flatMap(({ values }) => values))).toEqual(
            sorted(alike.map((value) => value + 0)),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  test('are empty without measurements', () => {
    expect(emfDocuments([], AT)).toEqual([]);
  });

  test('hold at most a hundred values of a metric each', () => {
    const values = Array.from({ length: 2 * MAX_VALUES + 1 }, (_, at) => at);
    const texts = textsOf([{ name: 'everytoken.cost', values, attributes: {} }]);
    expect(texts.map((text) => valuesIn(text)[0]?.values.length)).toEqual([100, 100, 1]);
  });

  test('leave out dimensions that CloudWatch would refuse, so that the rest of the line still counts', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'модель' };
    const [text = ''] = textsOf([{ name: 'gen_ai.client.operation.duration', values: [1], attributes }]);
    expect(extractMetrics(text)).toEqual([
      {
        namespace: 'everytoken',
        name: 'gen_ai.client.operation.duration',
        unit: 'Seconds',
        dimensions: { 'gen_ai.operation.name': 'chat' },
        values: [1],
      },
    ]);
    expect(JSON.parse(text)['gen_ai.request.model']).toBe('модель');
  });
});
