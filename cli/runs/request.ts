import type { RunInput } from '../../client/index.ts';
import { dropAbsent } from '../../lib/json/value.ts';
import type { Setting } from '../setting.ts';

/** The options of `run` that are fields of its request. */
export type RequestOptions = {
  system?: string | undefined;
  setting?: Setting[] | undefined;
  samples?: number | undefined;
  model?: string | undefined;
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  seed?: number | undefined;
  stop?: string[] | undefined;
  topLogprobs?: number | undefined;
  reasoningEffort?: string | undefined;
  check?: NonNullable<RunInput['checks']> | undefined;
  metadata?: [string, string][] | undefined;
  conversation?: string | undefined;
  index: boolean;
  store: boolean;
  strictSampling?: true | undefined;
};

/** The request of a run. Fields that no option names are left out, so that the deployment's defaults hold. */
export const requestOf = (prompt: string, options: RequestOptions): RunInput => {
  const fields = dropAbsent({
    settings: options.setting,
    samples: options.samples,
    model: options.model,
    max_tokens: options.maxTokens,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    seed: options.seed,
    stop: options.stop,
    top_logprobs: options.topLogprobs,
    reasoning_effort: options.reasoningEffort as RunInput['reasoning_effort'],
    checks: options.check,
    metadata: options.metadata && Object.fromEntries(options.metadata),
    conversation: options.conversation,
    index: options.index ? undefined : false,
    store: options.store ? undefined : false,
    strict_sampling: options.strictSampling,
  });
  if (options.system === undefined) return { ...fields, prompt };
  return {
    ...fields,
    messages: [
      { role: 'system', content: options.system },
      { role: 'user', content: prompt },
    ],
  };
};
