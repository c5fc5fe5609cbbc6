import { isObject, jsonBytes, own } from '../json/value.ts';
import { samplingOf } from './catalogue.ts';
import { overheadOf } from './prompt-overhead.ts';
import { hasContinuousUsage, isOpenAI, kindOf, type Server } from './server.ts';
import type { Setting } from './setting.ts';
import { upstreamBody } from './upstream-body.ts';

type ChatMessage = {
  role: string;
  content: string;
  name?: string;
  tool_calls?: object[];
  reasoning?: object[];
};

/**
 * The parts of a request for a chat completion, or for a completion of a prompt, which is the one message then.
 * `includeUsage: false` leaves out the stream options.
 */
export type ChatRequestParts<M extends ChatMessage = ChatMessage> = {
  model: string;
  messages: M[];
  endpoint?: Setting['endpoint'];
  /** The fields of the setting, under the server's names. */
  body: Record<string, unknown>;
  includeUsage?: boolean;
  /** Requests the usage so far in every chunk. */
  continuousUsage?: boolean;
};

/** A conversation, or a prompt that the model goes on from. */
type Asked<M extends ChatMessage> = {
  messages?: (Omit<M, 'content'> & { content: string | null })[];
  prompt?: string;
};

/** The body of a streamed completion, exactly as it is sent to the server at `baseUrl`. */
export const streamedBody = <M extends ChatMessage>(
  { model, messages, endpoint, body, includeUsage = true, continuousUsage = false }: ChatRequestParts<M>,
  baseUrl: string,
) => ({
  ...body,
  model,
  ...(endpoint === 'completions' ? promptOf(messages) : conversationOf(messages)),
  stream: true as const,
  ...(includeUsage && {
    stream_options: {
      include_usage: true,
      ...(isOpenAI(baseUrl) && { include_obfuscation: false }),
      ...(continuousUsage && { continuous_usage_stats: true }),
    },
  }),
});

const conversationOf = <M extends ChatMessage>(messages: M[]): Asked<M> => ({
  // Beside calls of tools some servers refuse an empty text, and all take null.
  messages: messages.map((message) => {
    const isEmpty = message.content === '' && message.tool_calls !== undefined;
    const sent = { ...message, content: isEmpty ? null : message.content };
    // No server of chat completions knows reasoning items.
    Reflect.deleteProperty(sent, 'reasoning');
    return sent;
  }),
});

const promptOf = <M extends ChatMessage>([only, ...others]: M[]): Asked<M> => {
  if (only === undefined || others.length > 0)
    throw new Error('a completion has one prompt, not a conversation');
  return { prompt: only.content };
};

/** `streamedBody` of a setting, as a server that has refused nothing yet is sent it. */
export const bodyOfSetting = (setting: Setting, messages: ChatMessage[], server: Server) => {
  const { body, includeUsage } = upstreamBody(setting, { ...server, refused: new Map() });
  const continuousUsage = hasContinuousUsage(kindOf(server, setting.model));
  const { model, endpoint } = setting;
  return streamedBody(
    { model, messages, ...(endpoint && { endpoint }), body, includeUsage, continuousUsage },
    server.baseUrl,
  );
};

/**
 * The upper bound of the prompt tokens that a server can count for a body: its bytes in UTF-8, since no byte-level
 * tokenizer makes more tokens of a text than it has bytes, plus what the server's template adds. See `overheadOf`. A
 * prompt goes through no template, and the bytes of the other fields are more than the token that begins it.
 */
export const promptTokensBound = (
  body: Record<string, unknown> & Asked<ChatMessage>,
  server: Server,
  model: string,
): number => {
  const { messages, ...fields } = body;
  if (messages === undefined) return jsonBytes(fields);
  const overhead = overheadOf(kindOf(server, model));
  const tools = own(fields, 'tools');
  const structured = Object.entries(fields)
    .filter(([field, value]) => field !== 'stream_options' && isStructured(value))
    .reduce((sum, [, value]) => sum + jsonBytes(value), 0);
  const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls);
  return (
    // The two brackets of `[]` stand in both.
    jsonBytes({ ...fields, messages: [] }) +
    jsonBytes(messages) -
    2 +
    samplingOf(server, model).prompt_overhead +
    messages.length * overhead.message +
    messages.filter(({ name }) => name !== undefined).length * overhead.name +
    (Array.isArray(tools) ? tools.length * overhead.tool : 0) +
    calls.length * overhead.message +
    (isStructured(own(fields, 'response_format')) ? overhead.schema : 0) +
    (overhead.rendered - 1) * (structured + calls.reduce<number>((sum, call) => sum + jsonBytes(call), 0))
  );
};

/**
 * The upper bound of the completion tokens that a server can count for a body: the limit, and the bytes of a prediction,
 * since the tokens of it that the answer does not have are counted too
 * (https://platform.openai.com/docs/guides/predicted-outputs).
 */
export const completionTokensBound = (body: Record<string, unknown>, maxTokens: number): number => {
  const prediction = own(body, 'prediction');
  return maxTokens + (prediction === undefined ? 0 : jsonBytes(prediction));
};

const isStructured = (value: unknown): boolean => isObject(value) || Array.isArray(value);
