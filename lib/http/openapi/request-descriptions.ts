/** What the fields of POST /runs mean, by name (a setting's have the same). */
export const RUN_REQUEST_DESCRIPTIONS: Record<string, string> = {
  prompt: 'What is said to the model as the user. Either this or messages; at most 512 KiB of UTF-8.',
  messages: 'A conversation instead of a prompt.',
  model: "The model; by default the deployment's.",
  reasoning_effort: 'How much the model reasons before it answers, where it can.',
  max_tokens: 'At most so many completion tokens, reasoning included; 1024 by default.',
  temperature: 'Sampling temperature. A field left out is not sent to the model server.',
  top_p: 'Nucleus sampling: the smallest set of tokens whose probabilities sum to this.',
  top_k: 'Only the k most probable tokens; the report in sampling says whether the server applied it.',
  frequency_penalty: 'Against tokens by how often they came.',
  presence_penalty: 'Against tokens that came at all.',
  seed: 'Asks the server for repeatable sampling.',
  stop: 'Up to four strings before which the output ends.',
  logprobs: "Keeps the tokens' log probabilities in the trace.",
  response_format: "OpenAI's response_format, sent to the model server as it is.",
  extra_body: 'Sent to the model server verbatim, beside the fields above.',
  settings:
    'Labelled choices of model and sampling; each overrides the fields above. Without any there is one, default.',
  label: 'The name of a setting, unique in its run.',
  samples: 'Outputs of each setting; 1 by default.',
  stream: 'Answers with server-sent events.',
  background: 'Answers at once with 202; the run is generated later.',
  index: 'Whether outputs are embedded and made searchable; true by default.',
  strict_sampling:
    'Refuses what the server would not apply as asked, instead of leaving it out with a warning.',
  checks:
    'What each output is checked for; passed or failed stands in each generation, the rate of each label in checks.',
  metadata: 'Up to 16 pairs of the caller, keys of up to 64 and values of up to 512 characters.',
};

/** What the fields of POST /comparisons mean, by name; those of a run mean what they mean there. */
export const COMPARISON_DESCRIPTIONS: Record<string, string> = {
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

/** What the fields of POST /search mean, by name. */
export const SEARCH_DESCRIPTIONS: Record<string, string> = {
  query: 'What to look for, in words: 1 to 8,000 bytes of UTF-8.',
  top_k: 'At most so many outputs; 10 by default.',
  filter:
    'What matches must fulfil, all of it. Bounds are inclusive; an unknown figure fulfils none. metadata.KEY fields match exactly.',
  model: 'The model asked for.',
  label: "The setting's.",
  run_id: 'Only outputs of this run.',
  since: 'Created at or after this date (UTC) or instant.',
  until: 'Created before this instant, or on or before this date (UTC).',
};

/** What the fields of POST /files mean. */
export const FILE_DESCRIPTIONS: Record<string, string> = {
  filename: 'Its extension says how it is read: .txt, .md, .json, .jsonl or .csv.',
  size_bytes:
    'Exactly so many bytes are taken. 1 MiB for .txt and .md, 16 MiB for .json, 1 GiB for .jsonl and .csv.',
  defaults:
    'Run fields for all lines (a prompt may be a template), max_cost_usd, rerun, dry_run, mode ("batch": later, at half the price); as in a .defaults.json.',
};

/** What the fields of POST /v1/chat/completions mean, by name. */
export const CHAT_DESCRIPTIONS: Record<string, string> = {
  ...RUN_REQUEST_DESCRIPTIONS,
  messages: 'The conversation; content is a text or a list of text parts.',
  max_tokens: 'The older name of max_completion_tokens; one of the two.',
  max_completion_tokens: 'At most so many completion tokens, reasoning included; 1024 by default.',
  logprobs: "Answers with the tokens' log probabilities.",
  top_logprobs: 'So many of the most probable tokens at each place; needs logprobs.',
  logit_bias: 'Sent to the model server as it is.',
  verbosity: 'Sent to the model server as it is.',
  user: 'Sent to the model server as it is.',
  safety_identifier: 'Sent to the model server as it is.',
  prompt_cache_key: 'Sent to the model server as it is.',
  prompt_cache_retention: 'Sent to the model server as it is.',
  n: 'One output; POST /runs with samples gives several.',
  stream_options: 'include_usage: the usage in a last chunk of its own.',
  include_usage: 'The usage in a last chunk of its own.',
  include_obfuscation: 'Chunks are never padded.',
  modalities: 'Text alone.',
  store: 'Every run is kept, so this says nothing new.',
  label: "The run's setting under this name instead of default, for lists and search.",
};
