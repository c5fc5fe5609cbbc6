import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generate } from '../../../../local/model/generate.ts';
import { trainNgram } from '../../../../local/model/ngram.ts';
import { makePredict } from '../../../../local/model/predict.ts';
import { seededRandom } from '../../../../local/model/random.ts';
import type { Sampling } from '../../../../local/model/sampling.ts';
import { compileSchema } from '../../../../local/model/schema/compile-schema.ts';
import { jsonSource } from '../../../../local/model/source.ts';
import { smallTopics } from '../prose-fixture.ts';
import { schemas } from './schemas.ts';

const model = trainNgram(smallTopics);
const predict = makePredict(model, Float64Array.of(1, 1));
const plain: Sampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logitBias: new Map(),
};

const write = (
  schema: unknown,
  {
    seed = 1,
    isStrict = true,
    sampling = {},
  }: { seed?: number; isStrict?: boolean; sampling?: Partial<Sampling> } = {},
) => {
  const source = jsonSource(model, predict, compileSchema(model, schema, isStrict));
  const steps = [
    ...generate(source, {
      sampling: { ...plain, ...sampling },
      maxTokens: 4_096,
      stop: [],
      random: seededRandom(seed),
    }),
  ];
  return { text: steps.map(({ text }) => text).join(''), finish: steps.at(-1)?.finish };
};

const samplings = fc.record({
  temperature: fc.constantFrom(0, 0.3, 1, 2),
  topP: fc.constantFrom(0, 0.5, 1),
  topK: fc.constantFrom(0, 1, 5),
  frequencyPenalty: fc.constantFrom(-2, 0, 2),
});

describe.each([true, false])('texts of a schema that is strict: %s', (isStrict) => {
  test('are values of the schema, whatever the seed and the sampling', () => {
    fc.assert(
      fc.property(schemas(!isStrict), fc.nat(), samplings, (schema, seed, sampling) => {
        const { text, finish } = write(schema, { seed, isStrict, sampling });
        const ajv = new Ajv({ strict: false, ownProperties: true, multipleOfPrecision: 6 });
        const isValid = ajv.validate(schema, JSON.parse(text));
        expect(ajv.errorsText(), text).toBe('No errors');
        expect(isValid).toBe(true);
        expect(finish).toBe('stop');
      }),
      { numRuns: 100 },
    );
  });
});

test('a schema whose patterns are large together is refused before they are all built', () => {
  const branches = Array.from({ length: 4_000 }, () => ({ type: 'string', pattern: '(a?){300}' }));
  const schema = {
    type: 'object',
    properties: { a: { anyOf: branches } },
    required: ['a'],
    additionalProperties: false,
  };
  expect(() => compileSchema(model, schema, true)).toThrow(
    'the patterns of the schema are too large in total',
  );
});
