import { isObject, jsonBytes, own } from '../json/value.ts';
import { samplingOf } from './catalogue.ts';
import { overheadOf } from './prompt-overhead.ts';
import type { SentField } from './refusals.ts';
import { responsesSentFields } from './responses-fields.ts';
import { chatMessages, type InputItem, inputItems, type SentMessage } from './sent-messages.ts';
import { hasContinuousUsage, isOpenAI, kindOf, type Server } from './server.ts';
import type { Endpoint, Setting } from './setting.ts';
import { upstreamBody } from './upstream-body.ts';

/**
 * The parts of a request for a chat completion, for a response, or for a completion of a prompt, which is the one message
 * then. `includeUsage: false` leaves out the stream options.
 */
export type RequestParts<M extends SentMessage = SentMessage> = {
  model: string;
  messages: M[];
  endpoint?: Endpoint | undefined;
  /** The fields of the setting, under the server's names. */
  body: Record<string, unknown>;
  includeUsage?: boolean;
  /** Requests the usage so far in every chunk. */
  continuousUsage?: boolean;
};

/** A conversation, or a prompt that the model goes on from. */
type Asked = {
  messages?: Pick<SentMessage, 'name' | 'tool_calls'>[];
  input?: InputItem[];
  prompt?: string;
};

/** The body of a streamed answer, exactly as it is sent to the server at `baseUrl`. */
export const streamedBody = (
  { model, messages, endpoint, body, includeUsage = true, continuousUsage = false }: RequestParts,
  baseUrl: string,
) => ({
  ...body,
  model,
  ...askedOf(messages, endpoint),
  stream: true as const,
  ...(endpoint === 'responses'
    ? isOpenAI(baseUrl) && { stream_options: { include_obfuscation: false } }
    : includeUsage && {
        stream_options: {
          include_usage: true,
          ...(isOpenAI(baseUrl) && { include_obfuscation: false }),
          ...(continuousUsage && { continuous_usage_stats: true }),
        },
      }),
});

const askedOf = (messages: SentMessage[], endpoint: Endpoint | undefined): Asked & { store?: false } => {
  if (endpoint === 'completions') return promptOf(messages);
  // Servers store responses unless they are told not to. Outputs are kept by everytoken alone.
  if (endpoint === 'responses') return { input: inputItems(messages), store: false };
  return { messages: chatMessages(messages) };
};

const promptOf = ([only, ...others]: SentMessage[]): Asked => {
  if (only === undefined || others.length > 0)
    throw new Error('a completion has one prompt, not a conversation');
  return { prompt: only.content };
};

/** The fields of a request's body that its server may refuse by name. */
export const sentFieldsOf = ({ body, endpoint, includeUsage }: RequestParts): SentField[] =>
  endpoint === 'responses'
    ? responsesSentFields(body)
    : [...Object.keys(body), ...(includeUsage === false ? [] : ['stream_options'])];

/** `streamedBody` of a setting, as a server that has refused nothing yet is sent it. */
export const bodyOfSetting = (setting: Setting, messages: SentMessage[], server: Server) => {
  const { endpoint, body, includeUsage } = upstreamBody(setting, { ...server, refused: new Map() });
  const { model } = setting;
  const continuousUsage = hasContinuousUsage(kindOf(server, model));
  return streamedBody({ model, messages, endpoint, body, includeUsage, continuousUsage }, server.baseUrl);
};

/**
 * The upper bound of the prompt tokens that a server can count for a body: its bytes in UTF-8, since no byte-level
 * tokenizer makes more tokens of a text than it has bytes, plus what the server's template adds. See `overheadOf`. A
 * prompt goes through no template, and the bytes of the other fields are more than the token that begins it.
 */
export const promptTokensBound = (
  body: Record<string, unknown> & Asked,
  server: Server,
  model: string,
): number => {
  const { messages: asMessages, input, ...fields } = body;
  const messages = asMessages ?? input;
  if (messages === undefined) return jsonBytes(fields);
  const overhead = overheadOf(kindOf(server, model));
  const tools = own(fields, 'tools');
  const structured = Object.entries(fields)
    .filter(([field, value]) => !['stream_options', 'include'].includes(field) && isStructured(value))
    .reduce((sum, [, value]) => sum + jsonBytes(value), 0);
  const names = asMessages?.filter(({ name }) => name !== undefined).length ?? 0;
  const calls: object[] =
    asMessages?.flatMap(({ tool_calls = [] }) => tool_calls) ??
    messages.filter((item) => 'call_id' in item && !('output' in item));
  const schema = own(fields, 'response_format') ?? own(fields, 'text');
  return (
    // The two brackets of `[]` stand in both.
    jsonBytes({ ...fields, [input ? 'input' : 'messages']: [] }) +
    jsonBytes(messages) -
    2 +
    samplingOf(server, model).prompt_overhead +
    messages.length * overhead.message +
    names * overhead.name +
    (Array.isArray(tools) ? tools.length * overhead.tool : 0) +
    calls.length * overhead.message +
    (isStructured(schema) ? overhead.schema : 0) +
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
