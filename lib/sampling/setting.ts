import { canonicalJson, sha256Hex } from '../json/canonical-json.ts';
import { isObject } from '../json/value.ts';

/** An endpoint of a model server other than that of chat completions. */
export type Endpoint = 'completions' | 'responses';

/** A labelled choice of model and sampling, the run's own fields merged in. Absent fields are not sent upstream. */
export type Setting = {
  label: string;
  model: string;
  /** Asks the server's completions with the prompt as it is; chat completions when left out. */
  endpoint?: 'completions';
  maxTokens: number;
  reasoningEffort?: string;
  /** How the Responses API summarises the reasoning; other APIs give no summary. */
  reasoningSummary?: string;
  temperature?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  stop?: string[];
  logprobs?: boolean;
  /** Alternatives of each token that are asked for with its log probability; only with `logprobs`. */
  topLogprobs?: number;
  /** OpenAI's `response_format`, sent as it is. */
  responseFormat?: Record<string, unknown>;
  /** OpenAI's `tools` and `tool_choice`, sent as they are. */
  tools?: Record<string, unknown>[];
  toolChoice?: string | Record<string, unknown>;
  parallelToolCalls?: boolean;
  extraBody?: Record<string, unknown>;
};

/** Sampling as requested, as sent, and as applied by the server (null: not applied, or not known to be). */
export type SamplingReport = {
  requested: Record<string, unknown>;
  sent: Record<string, unknown>;
  effective: Record<string, unknown>;
  warnings: string[];
};

/** The fields that a setting requests, by their names in the API; fields of `extra_body` win over those beside it. */
export const requestedFields = (setting: Setting): Record<string, unknown> => {
  const fields: Record<string, unknown> = {
    max_tokens: setting.maxTokens,
    reasoning_effort: setting.reasoningEffort,
    reasoning_summary: setting.reasoningSummary,
    temperature: setting.temperature,
    top_p: setting.topP,
    top_k: setting.topK,
    frequency_penalty: setting.frequencyPenalty,
    presence_penalty: setting.presencePenalty,
    seed: setting.seed,
    stop: setting.stop,
    logprobs: setting.logprobs,
    top_logprobs: setting.topLogprobs,
    response_format: setting.responseFormat,
    tools: setting.tools,
    tool_choice: setting.toolChoice,
    parallel_tool_calls: setting.parallelToolCalls,
    ...setting.extraBody,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

/**
 * Fields as a report shows them: of each tool its name and a hash of all of it. A request has up to 256 KiB of tools, and
 * each of its generations three reports.
 */
export const reportedFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  Array.isArray(fields.tools) ? { ...fields, tools: reportedTools(fields.tools) } : fields;

/** The fields that a setting requests, as a report shows them. */
export const reportedRequest = (setting: Setting): Record<string, unknown> =>
  reportedFields(requestedFields(setting));

type ReportedTool = { name: unknown; sha256: string };

/** Known reports of tools: a request has its bounds and bodies made, each with a report, before its model is asked. */
const reported = new WeakMap<readonly unknown[], ReportedTool[]>();

const reportedTools = (tools: readonly unknown[]): ReportedTool[] => {
  const report = reported.get(tools) ?? tools.map(reportedTool);
  reported.set(tools, report);
  return report;
};

const reportedTool = (tool: unknown): ReportedTool => {
  const { type, function: called, custom, name: own }: Record<string, unknown> = isObject(tool) ? tool : {};
  const described = called ?? custom;
  const name = (isObject(described) ? described.name : own) ?? type ?? null;
  return { name, sha256: sha256Hex(canonicalJson(tool)) };
};
