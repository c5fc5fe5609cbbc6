import { dropAbsent } from '../json/value.ts';
import type { Log } from '../observe/log.ts';
import { type Attributes, inSeconds, type Measurement, measured } from '../observe/metrics.ts';
import { aboutRun } from '../runs/about-run.ts';
import type { Generation } from '../runs/generation.ts';
import { type RunRequest, settingAt } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';

/** The provider of a model: OpenTelemetry's `gen_ai.provider.name` where the conventions define one. */
export type ProviderOf = (model: string) => string;

/** Logs the end of a committed run in one line, together with the metrics of its generations. */
export const logRunEnd = (
  run: Run,
  { request, generations }: { request: RunRequest; generations: Generation[] },
  { log, providerOf, durationMs }: { log: Log; providerOf?: ProviderOf; durationMs: number },
): void => {
  const completionTokens = generations.map(({ usage }) => usage.completion_tokens ?? 0);
  log.info(
    `run.${run.status}`,
    {
      ...aboutRun(run),
      attempts: run.attempts,
      generations: generations.length,
      failed: generations.filter(({ status }) => status === 'failed').length,
      completion_tokens: completionTokens.reduce((sum, count) => sum + count, 0),
      duration_ms: Math.round(durationMs),
      'error.type': run.error?.code,
    },
    measureRun(run, request, generations, providerOf),
  );
};

/** The failure metric of one failed run. */
export const runFailed = (): Measurement[] => measured('everytoken.run.failures', [1]);

/**
 * The metrics of an ended run, grouped by requested model (docs/metrics.md). Failed generations are left out, so an
 * unknown model name in a request creates no metric of its own.
 */
export const measureRun = (
  run: Pick<Run, 'status'>,
  request: Pick<RunRequest, 'settings' | 'samples'>,
  generations: readonly Generation[],
  providerOf?: ProviderOf,
): Measurement[] => {
  const modelOf = ({ index }: Generation) => settingAt(request, index)?.model;
  const completed = generations.filter(({ status }) => status === 'completed');
  const groups = Map.groupBy(completed, modelOf);
  return [
    ...measured('everytoken.run.failures', [run.status === 'failed' ? 1 : 0]),
    ...[...groups].flatMap(([model, own]) => measureModel(model, own, providerOf)),
  ];
};

const measureModel = (
  model: string | undefined,
  generations: readonly Generation[],
  providerOf: ProviderOf | undefined,
): Measurement[] => {
  const answeredBy = [...new Set(generations.map((generation) => generation.model))];
  const [only, ...others] = answeredBy;
  const attributes: Attributes = dropAbsent({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model === undefined ? undefined : providerOf?.(model),
    'gen_ai.request.model': model,
    'gen_ai.response.model': others.length > 0 || only === model ? undefined : only,
  });
  const seconds = (of: (timing: NonNullable<Generation['timing']>) => number | null) =>
    generations.map(({ timing }) => inSeconds(timing && of(timing)));
  const tokens = (
    name: 'everytoken.input_tokens' | 'everytoken.output_tokens',
    count: (usage: Generation['usage']) => number | null,
  ) =>
    measured(
      name,
      generations.map(({ usage }) => count(usage)),
      attributes,
    );
  return [
    ...measured(
      'gen_ai.client.operation.duration',
      seconds(({ e2e_ms }) => e2e_ms),
      attributes,
    ),
    ...measured(
      'gen_ai.client.operation.time_to_first_chunk',
      seconds(({ ttfr_ms }) => ttfr_ms),
      attributes,
    ),
    ...measured(
      'everytoken.time_to_first_token',
      seconds(({ ttft_ms }) => ttft_ms),
      attributes,
    ),
    ...measured(
      'everytoken.time_per_output_token',
      seconds(({ tpot_ms }) => tpot_ms),
      attributes,
    ),
    ...measured(
      'everytoken.cost',
      generations.map(({ cost_usd }) => cost_usd),
      attributes,
    ),
    ...tokens('everytoken.output_tokens', ({ completion_tokens }) => completion_tokens),
    ...tokens('everytoken.input_tokens', ({ prompt_tokens }) => prompt_tokens),
  ];
};
