/**
 * The metrics. Names, attributes and units (UCUM) follow OpenTelemetry's conventions for generative AI
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/); metrics beyond them begin with `everytoken.`.
 * CloudWatch bills each set of attributes in `by` as a metric of its own, for each combination of values, so there are
 * two sets at most.
 */
export const METRICS = {
  /** `e2e_ms` of a generation, or the time from sending an embeddings request to its answer. */
  'gen_ai.client.operation.duration': {
    unit: 's',
    by: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
  },
  /** `ttfr_ms`: time to the stream's first event, which may be empty. */
  'gen_ai.client.operation.time_to_first_chunk': {
    unit: 's',
    by: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
  },
  /**
   * Tokens as the server counted them. The conventions have one metric, with the type as an attribute, which takes a log
   * line for each type.
   */
  'everytoken.input_tokens': {
    unit: '{token}',
    by: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
  },
  'everytoken.output_tokens': {
    unit: '{token}',
    by: [['gen_ai.operation.name'], ['gen_ai.operation.name', 'gen_ai.request.model']],
  },
  /** `ttft_ms`: time to the first non-empty payload. */
  'everytoken.time_to_first_token': { unit: 's', by: [[], ['gen_ai.request.model']] },
  /** `tpot_ms`. */
  'everytoken.time_per_output_token': { unit: 's', by: [[], ['gen_ai.request.model']] },
  /** `cost_usd` of a generation; no value when the price is unknown. */
  'everytoken.cost': { unit: 'USD', by: [[], ['gen_ai.request.model']] },
  /** 1 for a failed run, 0 for a completed one: the sum counts failures, the mean is their rate. */
  'everytoken.run.failures': { unit: '{run}', by: [[]] },
  /** 1 when a delivery fails to embed or upsert a run (it is retried), 0 when it succeeds. */
  'everytoken.embed.failures': { unit: '{run}', by: [[]] },
  /** Age of the oldest due item that a sweep found; no value when none was due. */
  'everytoken.due.age': { unit: 's', by: [[]] },
} as const satisfies Record<string, { unit: MetricUnit; by: readonly (readonly AttributeName[])[] }>;

export type MetricUnit = 's' | '{token}' | '{run}' | 'USD';
export type MetricName = keyof typeof METRICS;

/** Attribute names of the conventions. None holds a prompt, an output or a caller. */
export type AttributeName =
  | 'gen_ai.operation.name'
  | 'gen_ai.provider.name'
  | 'gen_ai.request.model'
  | 'gen_ai.response.model'
  | 'error.type';
export type Attributes = Partial<Record<AttributeName, string>>;

/** Values of one metric with the same attributes, in the metric's unit. */
export type Measurement = { name: MetricName; values: number[]; attributes?: Attributes };

/** Zero or one measurement: null values are left out, and without known values there is none. */
export const measured = (
  name: MetricName,
  values: readonly (number | null)[],
  attributes: Attributes = {},
): Measurement[] => {
  const known = values.filter((value): value is number => Number.isFinite(value));
  return known.length === 0 ? [] : [{ name, values: known, attributes }];
};

/** Converts ms, the unit of our figures, to seconds, the unit of the conventions, rounded to microseconds. */
export const inSeconds = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.round(ms * 1000) / 1e6;
