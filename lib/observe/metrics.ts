/**
 * What is measured. Names, attributes and units (UCUM) are OpenTelemetry's conventions for generative AI where they
 * have one; what they have none for begins with `everytoken.`. Each set of attributes in `by` is a metric of its own
 * in CloudWatch, for each combination of their values: it is paid for, so there are two sets at most.
 */
export const METRICS = {
  /** `e2e_ms` of a generation, or an embeddings request from sending it to its answer. */
  'gen_ai.client.operation.duration': {
    unit: 's',
    by: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
  },
  /** `ttfr_ms`: until the stream's first event, which may be empty. */
  'gen_ai.client.operation.time_to_first_chunk': {
    unit: 's',
    by: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
  },
  /** Tokens as the server counted them, `input` or `output`. */
  'gen_ai.client.token.usage': {
    unit: '{token}',
    by: [
      ['gen_ai.operation.name', 'gen_ai.token.type'],
      ['gen_ai.operation.name', 'gen_ai.token.type', 'gen_ai.request.model'],
    ],
  },
  /** `ttft_ms`: until the first payload that is not empty. */
  'everytoken.time_to_first_token': { unit: 's', by: [[], ['gen_ai.request.model']] },
  /** `tpot_ms`. */
  'everytoken.time_per_output_token': { unit: 's', by: [[], ['gen_ai.request.model']] },
  /** `cost_usd` of a generation; nothing where the price is unknown. */
  'everytoken.cost': { unit: 'USD', by: [[], ['gen_ai.request.model']] },
  /** 1 for a run that ended failed, 0 for one that ended well: the sum counts failures, the mean is their rate. */
  'everytoken.run.failures': { unit: '{run}', by: [[]] },
  /** 1 for a run that one delivery could not embed or upsert (it is tried again), 0 for one that it could. */
  'everytoken.embed.failures': { unit: '{run}', by: [[]] },
  /** How long the oldest item that a sweep found had been due; nothing where none was. */
  'everytoken.due.age': { unit: 's', by: [[]] },
} as const satisfies Record<string, { unit: MetricUnit; by: readonly (readonly AttributeName[])[] }>;

export type MetricUnit = 's' | '{token}' | '{run}' | 'USD';
export type MetricName = keyof typeof METRICS;

/** Attributes as the conventions name them; no prompt, output or caller is one. */
export type AttributeName =
  | 'gen_ai.operation.name'
  | 'gen_ai.provider.name'
  | 'gen_ai.request.model'
  | 'gen_ai.response.model'
  | 'gen_ai.token.type'
  | 'error.type';
export type Attributes = Partial<Record<AttributeName, string>>;

/** Values of one metric that share their attributes, in the metric's unit. */
export type Measurement = { name: MetricName; values: number[]; attributes?: Attributes };

/** A measurement of the values that are known, or none where no value is. */
export const measured = (
  name: MetricName,
  values: readonly (number | null)[],
  attributes: Attributes = {},
): Measurement[] => {
  const known = values.filter((value): value is number => Number.isFinite(value));
  return known.length === 0 ? [] : [{ name, values: known, attributes }];
};

/** Milliseconds, as our figures are, in the conventions' unit; microseconds are as fine as they go. */
export const inSeconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.round(ms * 1000) / 1e6;
