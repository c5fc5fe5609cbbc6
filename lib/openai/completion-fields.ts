import * as z from 'zod';
import { optional, runRequestSchema, setting, text } from '../runs/request-schema.ts';
import { carried, refused, to } from './field-rules.ts';

const OF_RUNS = 'is a field of POST /runs, and not supported here';

/** The rules of everytoken's own fields that are the same for chat completions and completions of a prompt. */
export const OWN_RULES = {
  background: refused(OF_RUNS),
  checks: carried,
  conversation: carried,
  extra_body: carried,
  index: carried,
  label: to('settings'),
  samples: refused('is a field of POST /runs; use n instead'),
  settings: refused(OF_RUNS),
  strict_sampling: carried,
  top_k: carried,
} as const;

export const logitBias = optional(z.record(z.string(), z.number().min(-100).max(100)));
export const user = optional(text().max(512));

export const streamOptions = optional(
  z.strictObject({
    include_usage: optional(z.boolean()),
    include_obfuscation: optional(z.boolean()),
  }),
);

/** Everytoken's own fields. */
export const ownFields = {
  ...runRequestSchema.pick({
    top_k: true,
    extra_body: true,
    index: true,
    strict_sampling: true,
    checks: true,
    conversation: true,
  }).shape,
  label: optional(setting.shape.label),
};

type Parsed = {
  n?: number | undefined;
  label?: string | undefined;
  stream?: boolean | undefined;
  stream_options?: z.output<typeof streamOptions>;
};

/** The options of an answer that a request of either kind has. */
export const streamOptionsOf = ({ stream, stream_options: options }: Parsed) => ({
  stream: stream ?? false,
  includeUsage: options?.include_usage ?? false,
  includeObfuscation: options?.include_obfuscation ?? false,
});

/** The samples and the setting of the run: a choice is a generation, and its label that of the one setting. */
export const choicesOf = ({ n, label }: Parsed) => ({
  samples: n === 1 ? undefined : n,
  settings: label === undefined ? undefined : [{ label }],
});
