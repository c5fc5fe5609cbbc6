import type { Scored, ScoredToken, Step } from '../model/generate.ts';
import type { SchemaGrammar } from '../model/schema/compile-schema.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** The kind of a tool: a function is called with JSON, a custom tool with text. */
export type ToolType = 'function' | 'custom';

/** The call of a tool in an answer. */
export type StartedCall = { id: string; type: ToolType; name: string };

/** A step of a choice: of its text or, with `call`, of the input of its call with that index. */
export type ChoiceStep = Omit<Step, 'finish'> & { call?: number; finish?: FinishReason };

/** The output of a choice. `calls` are those that were begun, with their input so far: the JSON of arguments, or text. */
export type WholeChoice = {
  index: number;
  text: string;
  calls: (StartedCall & { input: string })[];
  tokens: ScoredToken[];
  finish: FinishReason;
};

/** Fields of an answer that the server makes. `created` is in seconds since 1970. */
export type Head = { id: string; created: number; fingerprint: string };

/** A choice in a stream. */
export type OpenChoice = { index: number; calls: readonly StartedCall[] };

/** The texts of the server-sent events of one stream, in the order in which they are asked for. */
export type AnswerStream = {
  open(choices: readonly OpenChoice[]): string;
  /** The event of a step, and the events that go before it when something begins with it. */
  piece(choice: OpenChoice, step: ChoiceStep): { before: string; piece: string };
  close(choice: OpenChoice, reason: FinishReason): string;
  end(sampled: number): string;
};

/** The shapes of an endpoint's answers: of whole ones, and of the events of a stream. */
export type AnswerFormat = {
  idPrefix: string;
  whole(head: Head, choices: readonly WholeChoice[], sampled: number): object;
  stream(head: Head): AnswerStream;
};

/** A tool to call. A function has the texts that its arguments may be; the input of a custom tool is prose. */
export type PlannedCall =
  | { type: 'function'; name: string; grammar: SchemaGrammar }
  | { type: 'custom'; name: string };

/** The kind of output: text, the JSON of a schema, or calls of tools. */
export type Output =
  | { kind: 'text' }
  | { kind: 'json'; grammar: SchemaGrammar }
  | { kind: 'calls'; calls: PlannedCall[]; finish: FinishReason };

/** The input of a generation for either endpoint. Each prompt gives `n` choices; without `topLogprobs` no logprobs. */
export type CompletionPlan = {
  prompts: { subject: string; continued: string }[];
  maxTokens: number;
  topLogprobs: number | undefined;
  output: Output;
  format: AnswerFormat;
};

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A token as text. Bytes that are not whole characters are escaped, as OpenAI does. */
const tokenText = (bytes: Uint8Array, prefix: string): string => {
  try {
    return strict.decode(bytes);
  } catch {
    return prefix + Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  }
};

const END_OF_TEXT = '<|endoftext|>';

const chatEntry = ({ bytes, logprob }: Scored) =>
  bytes === null
    ? { token: END_OF_TEXT, logprob, bytes: null }
    : { token: tokenText(bytes, ''), logprob, bytes: Array.from(bytes) };

/** `choices[].logprobs` of chat completions. */
export const chatLogprobs = (tokens: readonly ScoredToken[]) => ({
  content: tokens.map((token) => ({ ...chatEntry(token), top_logprobs: token.top.map(chatEntry) })),
  refusal: null,
});

const responseEntry = (scored: Scored) => ({ ...chatEntry(scored), bytes: Array.from(scored.bytes ?? []) });

/** `logprobs` of a text of the Responses API, where the end of the text has an empty list of bytes. */
export const responseLogprobs = (tokens: readonly ScoredToken[]) =>
  tokens.map((token) => ({ ...responseEntry(token), top_logprobs: token.top.map(responseEntry) }));

const plainName = ({ bytes }: Scored): string => (bytes === null ? END_OF_TEXT : tokenText(bytes, 'bytes:'));

/**
 * `choices[].logprobs` of plain completions. `top_logprobs` always contains the sampled token, and is null when no
 * alternatives were requested. `text_offset` counts from the start of the output.
 */
export const plainLogprobs = (tokens: readonly ScoredToken[], alternatives: number) => ({
  tokens: tokens.map(plainName),
  token_logprobs: tokens.map(({ logprob }) => logprob),
  top_logprobs:
    alternatives === 0
      ? null
      : tokens.map((token) =>
          Object.fromEntries([...token.top, token].map((scored) => [plainName(scored), scored.logprob])),
        ),
  text_offset: tokens.map(({ offset }) => offset),
});
