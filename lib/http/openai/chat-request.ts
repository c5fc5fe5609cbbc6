import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent } from '../../json/value.ts';
import { choicesOf, streamOptionsOf } from '../../openai/completion-fields.ts';
import { toolChoiceOf, toolsOfFunctions } from '../../openai/legacy-functions.ts';
import { runMessages } from '../../openai/run-messages.ts';
import { requireObject } from '../../runs/request.ts';
import { type ChatRequestBody, chatRequestSchema } from './chat-request-schema.ts';
import { CHAT_RULES } from './request-fields.ts';

/** The parts of a request that only concern the answer. */
export type AnswerOptions = {
  includeUsage: boolean;
  /** Pads chunks, so that their lengths do not tell those of the tokens. */
  includeObfuscation: boolean;
  /** Names the tier in the answer, since the request named one. */
  tellTier: boolean;
  /** Shows calls of tools as OpenAI's API did before tools, since the request has `functions`. */
  asFunctions: boolean;
};

/** A chat completion request: the run to create, and the options that only concern the answer. */
export type ChatRequest = AnswerOptions & {
  /** The equivalent body of POST /runs. */
  run: Record<string, unknown>;
  /** The number of choices. */
  count: number;
  stream: boolean;
  /** Maps a path of the run request to the path in the client's body. */
  pathOf: (path: string) => string;
};

/**
 * Parses the JSON body of a chat completion; null means absent. Names that neither OpenAI nor everytoken has are fields
 * of the model server, as in `extra_body`: Python's SDK puts them beside the others. `parseRunRequest` later checks
 * everything that depends on the deployment, such as the model and the fields that its server takes.
 *
 * @throws {InvalidInputError} listing every wrong or unsupported field.
 */
export const parseChatRequest = (body: unknown): ChatRequest => {
  const asked = requireObject(body);
  const { given, ofServer, issues: refused } = CHAT_RULES.sort(asked);
  const read = runMessages(asked.messages, 'messages');
  const issues = [...refused, ...read.issues];
  const parsed = chatRequestSchema.safeParse({ ...given, messages: read.messages });
  if (!parsed.success)
    issues.push(...issuesOf(parsed.error).filter(({ path }) => !hasIssue(read.issues, path)));
  if (!parsed.success || issues.length > 0) throw new InvalidInputError(issues);
  return {
    run: runOf(parsed.data),
    count: parsed.data.n ?? 1,
    ...streamOptionsOf(parsed.data),
    tellTier: parsed.data.service_tier !== undefined,
    asFunctions: parsed.data.functions !== undefined,
    pathOf: CHAT_RULES.pathsOf(parsed.data, ofServer),
  };
};

const hasIssue = (issues: InputIssue[], path: string): boolean =>
  issues.some((issue) => issue.path === path || issue.path.startsWith(`${path}.`));

/**
 * OpenAI has no default of its own, so its clients leave the limit out and expect whole answers; arguments of a tool that
 * are cut are of no use. Budgets need some limit.
 */
const DEFAULT_MAX_TOKENS = 4_096;

const runOf = (chat: ChatRequestBody): Record<string, unknown> => ({
  ...CHAT_RULES.carriedOf(chat),
  ...dropAbsent({
    max_tokens: chat.max_completion_tokens ?? chat.max_tokens ?? DEFAULT_MAX_TOKENS,
    ...choicesOf(chat),
    ...toolsOf(chat),
  }),
});

/** Tools, from functions too: an answer can show one call of a function, so the model may make no more. */
const toolsOf = ({ tools, tool_choice, parallel_tool_calls, functions, function_call }: ChatRequestBody) => ({
  tools: functions ? toolsOfFunctions(functions) : tools,
  tool_choice: function_call === undefined ? tool_choice : toolChoiceOf(function_call),
  parallel_tool_calls: functions ? false : parallel_tool_calls,
});
