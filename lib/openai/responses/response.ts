import { own } from '../../json/value.ts';
import type { Generation } from '../../runs/generation.ts';
import type { StoredRequestBody } from '../../runs/request-schema.ts';
import { endedWithoutText, type RunStatus } from '../../runs/run.ts';
import type { RunView } from '../../runs/view.ts';
import { flatChoice, flatFormat, flatTool } from '../../sampling/flat-forms.ts';
import { answeringModelOf, createdOf } from '../chat-completion.ts';
import { figuresOf } from '../run-figures.ts';
import { responseIdOf } from './item-ids.ts';
import type { EndStatus, OutputItem } from './output-items.ts';

/** The request of a response as its run stores it, with all that its answer tells back. */
export type AskedResponse = Pick<
  StoredRequestBody,
  | 'messages'
  | 'reasoning_effort'
  | 'reasoning_summary'
  | 'temperature'
  | 'top_p'
  | 'frequency_penalty'
  | 'presence_penalty'
  | 'top_logprobs'
  | 'extra_body'
  | 'store'
  | 'response'
> & {
  response_format?: Record<string, unknown> | undefined;
  tools?: Record<string, unknown>[] | undefined;
  tool_choice?: unknown;
};

type ResponseStatus = 'queued' | 'in_progress' | 'cancelled' | 'failed' | EndStatus;

/** The tier of every answer: no tier is sent to the model server, and prices and budgets are those of the standard one. */
const COUNTED_TIER = 'default' as const;

/**
 * Converts a run of one generation to OpenAI's `response` (https://platform.openai.com/docs/api-reference/responses/object)
 * with the settings that were asked for. Settings that were left out have OpenAI's defaults, as clients expect numbers
 * there; a model server may have others. `usage` is null until it is known; within it a count that the server does not tell is 0.
 */
export const responseOf = (run: RunView, asked: AskedResponse, output: readonly OutputItem[] = []) => {
  const status = statusOf(run);
  const { response: block = {}, extra_body: extra = {}, messages = [] } = asked;
  const passed = (name: string): string | null => {
    const value = own(extra, name);
    return typeof value === 'string' ? value : null;
  };
  const verbosity = passed('verbosity');
  return {
    id: responseIdOf(run.id),
    object: 'response' as const,
    created_at: createdOf(run),
    status,
    background: block.background ?? false,
    completed_at: status === 'completed' ? endedAt(run) : null,
    error: status === 'failed' ? errorOf(run) : null,
    frequency_penalty: asked.frequency_penalty ?? 0,
    incomplete_details: status === 'incomplete' ? { reason: incompleteReason(run.generations[0]) } : null,
    instructions: block.has_instructions ? (messages[0]?.content ?? null) : null,
    max_output_tokens: block.max_output_tokens ?? null,
    max_tool_calls: block.max_tool_calls ?? null,
    model: answeringModelOf(run),
    output: [...output],
    parallel_tool_calls: block.parallel_tool_calls ?? true,
    presence_penalty: asked.presence_penalty ?? 0,
    previous_response_id: block.previous_response_id ?? null,
    prompt_cache_key: passed('prompt_cache_key'),
    prompt_cache_retention: passed('prompt_cache_retention'),
    reasoning: reasoningOf(asked),
    safety_identifier: passed('safety_identifier'),
    service_tier: COUNTED_TIER,
    store: asked.store ?? true,
    temperature: asked.temperature ?? 1,
    text: { format: flatFormat(asked.response_format), ...(verbosity !== null && { verbosity }) },
    tool_choice: flatChoice(asked.tool_choice ?? block.tool_choice ?? 'auto'),
    tools: (asked.tools ?? []).map(flatTool),
    top_logprobs: asked.top_logprobs ?? 0,
    top_p: asked.top_p ?? 1,
    truncation: block.truncation ?? 'disabled',
    usage: usageOf(run),
    user: passed('user'),
    metadata: run.metadata,
    everytoken: figuresOf(run),
  };
};

const reasoningOf = (asked: AskedResponse): { effort: string | null; summary: string | null } => ({
  effort: asked.reasoning_effort ?? null,
  summary: asked.reasoning_summary ?? null,
});

export type ResponseAnswer = ReturnType<typeof responseOf>;

const OPEN: Partial<Record<RunStatus, ResponseStatus>> = {
  queued: 'queued',
  generating: 'in_progress',
  cancelled: 'cancelled',
  deleted: 'cancelled',
};

const statusOf = (run: RunView): ResponseStatus => {
  const open = OPEN[run.status];
  if (open) return open;
  const [generation] = run.generations;
  if (endedWithoutText(run) || generation?.status === 'failed') return 'failed';
  return endStatusOf(generation?.finish_reason ?? null);
};

/** Reasons to end an output that leave it incomplete, and OpenAI's names for them. */
const INCOMPLETE = new Map([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
]);

/** The status of a response whose output ended for this reason. */
export const endStatusOf = (finishReason: string | null): EndStatus =>
  INCOMPLETE.has(finishReason ?? '') ? 'incomplete' : 'completed';

const incompleteReason = (generation: Generation | undefined): string =>
  INCOMPLETE.get(generation?.finish_reason ?? '') ?? 'max_output_tokens';

/** When the output ended, in epoch seconds; null when it is not known. */
const endedAt = ({ generations: [generation] }: RunView): number | null => {
  const { started_at, e2e_ms } = generation?.timing ?? {};
  return started_at === undefined || e2e_ms === undefined
    ? null
    : Math.floor((Date.parse(started_at) + e2e_ms) / 1000);
};

/** OpenAI's codes for ours; any other is `server_error`. */
const ERROR_CODES = new Map([
  ['rate_limited', 'rate_limit_exceeded'],
  ['insufficient_quota', 'rate_limit_exceeded'],
  ['over_budget', 'rate_limit_exceeded'],
  ['invalid_request', 'invalid_prompt'],
]);

const errorOf = ({ error, generations: [generation] }: RunView): { code: string; message: string } => {
  const { code, message } = generation?.error ??
    error ?? { code: 'internal', message: 'the run failed for an unknown reason' };
  return { code: ERROR_CODES.get(code) ?? 'server_error', message };
};

const usageOf = ({ usage }: RunView) => {
  const { prompt_tokens: input, completion_tokens: output, reasoning_tokens, cached_tokens } = usage;
  if (input === null || output === null) return null;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached_tokens ?? 0, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning_tokens ?? 0 },
    total_tokens: input + output,
  };
};
