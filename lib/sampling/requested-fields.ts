import type { Setting } from './setting.ts';

/** What a setting asks of a model server, by the request's names; `extra_body` goes before the fields beside it. */
export const requestedFields = (setting: Setting): Record<string, unknown> => {
  const fields: Record<string, unknown> = {
    max_tokens: setting.maxTokens,
    reasoning_effort: setting.reasoningEffort,
    temperature: setting.temperature,
    top_p: setting.topP,
    top_k: setting.topK,
    frequency_penalty: setting.frequencyPenalty,
    presence_penalty: setting.presencePenalty,
    seed: setting.seed,
    stop: setting.stop,
    logprobs: setting.logprobs,
    response_format: setting.responseFormat,
    ...setting.extraBody,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};
