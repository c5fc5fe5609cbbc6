import { isObject, type JsonObject, own } from '../json.ts';
import type { Ngram } from '../model/ngram.ts';
import { countTokens } from '../model/tokens.ts';
import { missing, wrongType, wrongValue } from './api-error.ts';
import { type CompletionFormat, type CompletionPlan, chatLogprobs } from './completion-format.ts';
import { type GenerationRequest, readGenerationRequest } from './generation-request.ts';
import { readBoolean, readNumber, refuseUnknown, requireValue } from './parameters.ts';

const ROLES = ['developer', 'system', 'user', 'assistant'];
const MESSAGE_FIELDS = ['role', 'content', 'name'];
/** Fields of an answer that a client sends back in the next turn; all but `refusal` are passed over. */
const ANSWER_FIELDS = [
  'refusal',
  'annotations',
  'parsed',
  'reasoning',
  'reasoning_content',
  'audio',
  'tool_calls',
  'function_call',
];
const DEFAULT_MAX_TOKENS = 4096;

/** Parameters of chat completions only. From `store` on each takes only what `requireChatDefaults` says. */
const CHAT_PARAMETERS = [
  'messages',
  'max_completion_tokens',
  'top_logprobs',
  'metadata',
  'store',
  'service_tier',
  'reasoning_effort',
  'response_format',
];

const requireChatDefaults = (body: JsonObject): void => {
  requireValue(body, 'store', [false]);
  requireValue(body, 'service_tier', ['auto', 'default']);
  requireValue(body, 'reasoning_effort', ['none']);
  requireValue(body, 'response_format', [{ type: 'text' }]);
  readMetadata(body);
};

const readMetadata = (body: JsonObject): void => {
  const metadata = body.metadata ?? {};
  if (!isObject(metadata)) throw wrongType('metadata', 'object', metadata);
  for (const value of Object.values(metadata))
    if (typeof value !== 'string') throw wrongType('metadata', 'string', value);
};

const readPart = (part: unknown, param: string): string => {
  if (!isObject(part)) throw wrongType(param, 'object', part);
  const { type, text } = part;
  if (type === 'refusal' && typeof part.refusal === 'string') return part.refusal;
  if (type !== 'text')
    throw wrongValue(`${param}.type`, `Invalid value for '${param}.type': this server reads only 'text'.`);
  if (typeof text !== 'string') throw wrongType(`${param}.text`, 'string', text);
  return text;
};

const readMessage = (message: unknown, at: number): { role: string; text: string } => {
  const param = `messages[${at}]`;
  if (!isObject(message)) throw wrongType(param, 'object', message);
  const { role } = message;
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    const supported = ROLES.map((known) => `'${known}'`).join(', ');
    throw wrongValue(
      `${param}.role`,
      `Invalid value for '${param}.role'. Supported values are: ${supported}.`,
    );
  }
  const isAnswer = role === 'assistant';
  refuseUnknown(message, isAnswer ? [...MESSAGE_FIELDS, ...ANSWER_FIELDS] : MESSAGE_FIELDS);
  if (isAnswer) refuseCalls(message, param);
  const content = isAnswer ? (message.content ?? message.refusal ?? '') : message.content;
  if (content === undefined) throw missing(`${param}.content`);
  if (typeof content === 'string') return { role, text: content };
  if (!Array.isArray(content)) throw wrongType(`${param}.content`, 'string', content);
  return { role, text: content.map((part, index) => readPart(part, `${param}.content[${index}]`)).join('') };
};

/** An answer with calls or audio needs what this server does not have. */
const refuseCalls = (message: JsonObject, param: string): void => {
  for (const field of ['tool_calls', 'function_call', 'audio']) {
    const value = own(message, field) ?? [];
    if (!Array.isArray(value) || value.length > 0)
      throw wrongValue(
        `${param}.${field}`,
        `Invalid value for '${param}.${field}': this server has text only.`,
      );
  }
};

const readMessages = (body: JsonObject) => {
  const messages: unknown = body.messages ?? undefined;
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages)) throw wrongType('messages', 'array', messages);
  if (messages.length === 0) throw wrongValue('messages', "Invalid 'messages': the array cannot be empty.");
  return messages.map(readMessage);
};

const readTopLogprobs = (body: JsonObject): number | undefined => {
  const wanted = readBoolean(body, 'logprobs');
  const top = readNumber(body, 'top_logprobs', { kind: 'integer', min: 0, max: 20 });
  if (top !== undefined && !wanted) {
    throw wrongValue(
      'top_logprobs',
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
    );
  }
  return wanted ? (top ?? 0) : undefined;
};

const chatFormat = (model: Ngram, withLogprobs: boolean): CompletionFormat => ({
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  opening: (index) => ({
    index,
    delta: { role: 'assistant', content: '', refusal: null },
    logprobs: null,
    finish_reason: null,
  }),
  piece: (index, content, tokens) => ({
    index,
    delta: { content },
    logprobs: withLogprobs ? chatLogprobs(model, tokens) : null,
    finish_reason: null,
  }),
  closing: (index, reason) => ({ index, delta: {}, logprobs: null, finish_reason: reason }),
  whole: ({ index, text, tokens, finish }) => ({
    index,
    message: { role: 'assistant', content: text, refusal: null, annotations: [] },
    logprobs: withLogprobs ? chatLogprobs(model, tokens) : null,
    finish_reason: finish,
  }),
});

/**
 * Reads a chat request. Its subject is the last user message, or the last message when no user wrote one. The output
 * always starts a new paragraph. Without a limit in the request an answer has at most 4,096 tokens.
 *
 * @throws {ApiError} 400 that names the invalid parameter.
 */
export const readChatRequest = (
  body: JsonObject,
  model: Ngram,
): { request: GenerationRequest; plan: CompletionPlan } => {
  const request = readGenerationRequest(body, CHAT_PARAMETERS);
  requireChatDefaults(body);
  const messages = readMessages(body);
  const topLogprobs = readTopLogprobs(body);
  const subject = (messages.findLast(({ role }) => role === 'user') ?? messages.at(-1))?.text ?? '';
  return {
    request,
    plan: {
      prompts: [{ subject, continued: '' }],
      promptTokens: messages.reduce((sum, { text }) => sum + countTokens(text), 0),
      maxTokens: request.maxTokens ?? DEFAULT_MAX_TOKENS,
      topLogprobs,
      format: chatFormat(model, topLogprobs !== undefined),
    },
  };
};
