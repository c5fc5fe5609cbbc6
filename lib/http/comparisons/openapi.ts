import { comparisonRequestSchema, MAX_COMPARED, MAX_RUNS } from '../../comparisons/comparison-request.ts';
import { changeAt, requestSchema } from '../openapi/json-schema.ts';
import type { Operations } from '../openapi/operation.ts';
import { BODY, idempotencyKey, inPath, locationOf, REPLAYED, SERVICES } from '../openapi/parts.ts';
import { RUN_REQUEST_DESCRIPTIONS } from '../runs/openapi.ts';
import {
  comparedDiversitySchema,
  comparedSettingSchema,
  comparisonSchema,
  differenceSchema,
} from './schemas.ts';

/** The meaning of each field of POST /comparisons; fields of a run keep theirs. */
const DESCRIPTIONS: Record<string, string> = {
  ...RUN_REQUEST_DESCRIPTIONS,
  prompts: 'What every setting is asked: texts, or objects with messages.',
  settings: 'Labelled choices of model and sampling to compare; each overrides the fields beside it.',
  samples: 'Outputs of each setting to each prompt; 1 by default. Diversity needs two.',
  index: 'Whether outputs are embedded and made searchable; true by default. Embedding diversity needs it.',
  objectives: 'What a generation must keep to, all of it, to count for goodput_per_s.',
  max_ttft_ms: 'Most milliseconds to the first token.',
  max_e2e_ms: 'Most milliseconds to the end.',
  max_tpot_ms: 'Most milliseconds a token.',
  metadata:
    'Up to 12 pairs of the caller, given to every run; comparison, block, prompt and warm_up are added.',
};

/** A prompt may be a text instead of an object, which the parser makes of it. */
const orText = (prompt: object) => ({ anyOf: [{ type: 'string' }, prompt] });

export const COMPARISON_REQUESTS = {
  ComparisonRequest: {
    ...changeAt(requestSchema(comparisonRequestSchema, DESCRIPTIONS), 'properties.prompts.items', orText),
    description: `Prompts x settings x samples, at most ${MAX_COMPARED} generations in ${MAX_RUNS} runs. Null means absent.`,
  },
};

export const COMPARISON_ANSWERS = {
  Comparison: comparisonSchema,
  ComparedSetting: comparedSettingSchema,
  ComparedDiversity: comparedDiversitySchema,
  Difference: differenceSchema,
};

export const COMPARISON_OPERATIONS: Operations<
  '/comparisons',
  typeof COMPARISON_REQUESTS & typeof COMPARISON_ANSWERS
> = {
  'POST /comparisons': {
    operationId: 'createComparison',
    summary: 'Compares settings and models over prompts and samples',
    description:
      'Every prompt is asked with every setting, samples times, in complete blocks in random order; a warm-up request to each model goes first and is excluded.',
    parameters: [idempotencyKey('comparison')],
    body: 'ComparisonRequest',
    answers: {
      202: {
        description: 'Accepted; read it where Location says.',
        headers: { ...locationOf('comparison'), ...REPLAYED },
        json: 'Comparison',
      },
    },
    problems: {
      ...BODY,
      400: ['invalid_input', 'sampling_not_applied', 'empty_body', 'invalid_json'],
      413: ['body_too_large', 'prompt_too_large'],
      422: ['idempotency_key_reused'],
      ...SERVICES,
    },
  },
  'GET /comparisons/{id}': {
    operationId: 'readComparison',
    summary: 'A comparison as it is now: summaries, and which differences are larger than the noise',
    parameters: [inPath('id', "The comparison's.")],
    answers: { 200: { description: 'The comparison.', json: 'Comparison' } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], ...SERVICES },
  },
};
