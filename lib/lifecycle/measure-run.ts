import { type Attributes, inSeconds, type Measurement, measured } from '../observe/metrics.ts';
import type { Generation } from '../runs/generation.ts';
import type { RunRequest } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';

/** The provider of a run's model, as the conventions name it where they do. */
export type ProviderOf = (model: string) => string;

/** What a failed run adds to the failure rate. */
export const runFailed = (): Measurement[] => measured('everytoken.run.failures', [1]);

/**
 * What an ended run's generations measured, by the model that was asked for; figures are those of docs/metrics.md.
 * Failed generations have none, so a name that no server knows makes no metric.
 */
export const measureRun = (
  run: Pick<Run, 'status'>,
  { settings, samples }: Pick<RunRequest, 'settings' | 'samples'>,
  generations: readonly Generation[],
  providerOf?: ProviderOf,
): Measurement[] => {
  const modelOf = ({ index }: Generation) => settings[Math.floor(index / samples)]?.model;
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
  const provider = model === undefined ? undefined : providerOf?.(model);
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    ...(provider === undefined ? {} : { 'gen_ai.provider.name': provider }),
    ...(model === undefined ? {} : { 'gen_ai.request.model': model }),
    ...(only === undefined || others.length > 0 ? {} : { 'gen_ai.response.model': only }),
  };
  const seconds = (of: (timing: NonNullable<Generation['timing']>) => number | null) =>
    generations.map(({ timing }) => inSeconds(timing && of(timing)));
  const tokens = (type: 'input' | 'output', count: (usage: Generation['usage']) => number | null) =>
    measured(
      'gen_ai.client.token.usage',
      generations.map(({ usage }) => count(usage)),
      { ...attributes, 'gen_ai.token.type': type },
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
    ...tokens('output', ({ completion_tokens }) => completion_tokens),
    ...tokens('input', ({ prompt_tokens }) => prompt_tokens),
  ];
};
