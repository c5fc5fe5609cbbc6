/**
 * What OpenAI's models take, as data: when `temperature` and `top_p` are accepted (`always`, `never`, only at
 * `reasoning_effort: "none"`), and whether the field `reasoning_effort` is, where that is documented. First match
 * counts; what no row names is sent as asked, and what the server then refuses is learnt from its answer. From
 * OpenAI's documentation, November 2026.
 */
export type OpenAIModel = {
  sampling: 'always' | 'never' | 'at_effort_none';
  takesEffort?: 'applied' | 'refused';
};

const ALWAYS = { sampling: 'always' } as const;
const NEVER = { sampling: 'never' } as const;
const AT_EFFORT_NONE = { sampling: 'at_effort_none', takesEffort: 'applied' } as const;

/** A model's name and its dated snapshots, but not other models whose names begin alike. */
const snapshot = String.raw`(-\d{4}-\d{2}-\d{2})?$`;

const MODELS: readonly (readonly [RegExp, OpenAIModel])[] = [
  [new RegExp(`^gpt-4o-mini${snapshot}`), { sampling: 'always', takesEffort: 'refused' }],
  [/^gpt-4o(-|$)/, ALWAYS],
  [/^gpt-4\.1(-|$)/, ALWAYS],
  [/^o\d+(-|$)/, NEVER],
  [new RegExp(`^gpt-5(-mini|-nano)?${snapshot}`), NEVER],
  [new RegExp(`^gpt-6-astra${snapshot}`), NEVER],
  [new RegExp(`^gpt-6\\.1-sol${snapshot}`), NEVER],
  [/^gpt-5\.[1-6](-|$)/, AT_EFFORT_NONE],
  [new RegExp(`^gpt-6-(luna|sol)${snapshot}`), AT_EFFORT_NONE],
  [new RegExp(`^gpt-6\\.1-terra${snapshot}`), AT_EFFORT_NONE],
];

export const openAIModel = (name: string): OpenAIModel | undefined =>
  MODELS.find(([pattern]) => pattern.test(name))?.[1];
