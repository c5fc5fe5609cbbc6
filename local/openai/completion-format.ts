import type { Scored, ScoredToken, Step } from '../model/generate.ts';
import type { SchemaGrammar } from '../model/schema/compile-schema.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** The call of a function in an answer. */
export type StartedCall = { id: string; name: string };

/** A step of a choice: of its text or, with `call`, of the arguments of its call with that index. */
export type ChoiceStep = Omit<Step, 'finish'> & { call?: number; finish?: FinishReason };

/** The output of a choice. `calls` are those that were begun, with the JSON of their arguments so far. */
export type WholeChoice = {
  index: number;
  text: string;
  calls: (StartedCall & { arguments: string })[];
  tokens: ScoredToken[];
  finish: FinishReason;
};

/** The shapes of an endpoint's answers: of whole ones, and of the chunks of a stream. */
export type CompletionFormat = {
  idPrefix: string;
  object: string;
  chunkObject: string;
  /** Fields of every answer and chunk. */
  head: object;
  /** The chunk that opens a choice in a stream; `undefined` for plain completions, which have none. */
  opening(index: number): object | undefined;
  /** The chunk that opens a call in a stream. */
  callOpening(index: number, at: number, call: StartedCall): object;
  piece(index: number, step: ChoiceStep): object;
  closing(index: number, reason: FinishReason): object;
  whole(choice: WholeChoice): object;
};

/** A function to call, and the texts that its arguments may be. */
export type PlannedCall = { name: string; grammar: SchemaGrammar };

/** The kind of output: text, the JSON of a schema, or calls of functions. */
export type Output =
  | { kind: 'text' }
  | { kind: 'json'; grammar: SchemaGrammar }
  | { kind: 'calls'; calls: PlannedCall[]; finish: FinishReason };

/** The input of a generation for either endpoint. Each prompt gives `n` choices; without `topLogprobs` no logprobs. */
export type CompletionPlan = {
  prompts: { subject: string; continued: string }[];
  promptTokens: number;
  maxTokens: number;
  topLogprobs: number | undefined;
  output: Output;
  format: CompletionFormat;
};

/** Usage with real counts. Features that this server lacks (reasoning, audio, caches, predictions) count zero. */
export const usageOf = (promptTokens: number, completionTokens: number) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

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
