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
  extra_body: 'Sent to the model server verbatim, beside the fields above.',
  settings:
    'Labelled choices of model and sampling; each overrides the fields above. Without any there is one, default.',
  label: 'The name of a setting, unique in its run.',
  samples: 'Outputs of each setting; 1 by default.',
  stream: 'Answers with server-sent events.',
  background: 'Answers at once with 202; the run is generated later.',
  index: 'Whether outputs are embedded and made searchable; true by default.',
  metadata: 'Up to 16 pairs of the caller, keys of up to 64 and values of up to 512 characters.',
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
