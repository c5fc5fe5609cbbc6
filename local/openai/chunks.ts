import type {
  AnswerFormat,
  AnswerStream,
  ChoiceStep,
  FinishReason,
  Head,
  StartedCall,
  ToolType,
  WholeChoice,
} from './completion-format.ts';
import { CHAT_MODEL } from './models.ts';

/** The shapes of an endpoint whose answers have choices, and whose streams are chunks of them. */
export type ChunkFormat = {
  idPrefix: string;
  object: string;
  chunkObject: string;
  /** Fields of every answer and chunk. */
  head: object;
  /** The chunk that opens a choice in a stream; `undefined` for plain completions, which have none. */
  opening(index: number): object | undefined;
  /** The chunk that opens a call in a stream. */
  callOpening(index: number, at: number, call: StartedCall): object;
  /** The chunk of a step; with `type` of the input of a call. */
  piece(index: number, step: ChoiceStep, type?: ToolType): object;
  closing(index: number, reason: FinishReason): object;
  whole(choice: WholeChoice): object;
};

/** Usage with real counts. Features that this server lacks (reasoning, audio, caches, predictions) count zero. */
const usageOf = (promptTokens: number, completionTokens: number) => ({
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

type ChunkOptions = {
  promptTokens: number;
  /** Whether a stream ends with a chunk of the usage. */
  includeUsage: boolean;
  /** Whether every chunk carries the usage so far. */
  continuousUsage: boolean;
};

/** The answers of chat completions and plain completions. */
export const answersInChunks = (
  format: ChunkFormat,
  { promptTokens, includeUsage, continuousUsage }: ChunkOptions,
): AnswerFormat => {
  const headOf = ({ id, created, fingerprint }: Head, object: string) => ({
    id,
    object,
    created,
    model: CHAT_MODEL,
    system_fingerprint: fingerprint,
    ...format.head,
  });

  const stream = (head: Head): AnswerStream => {
    const fields = headOf(head, format.chunkObject);
    const event = (choices: object[], usage: object | null): string =>
      `data: ${JSON.stringify({ ...fields, choices, ...(includeUsage ? { usage } : {}) })}\n\n`;
    // As in vLLM, a chunk's usage counts its own choice only; the final usage chunk counts all choices.
    const sent = new Map<number, number>();
    const usageSoFar = (index: number) =>
      continuousUsage ? usageOf(promptTokens, sent.get(index) ?? 0) : null;
    const opened = new Set<StartedCall>();
    const openCall = (index: number, at: number | undefined, call: StartedCall | undefined): string => {
      if (at === undefined || call === undefined || opened.has(call)) return '';
      opened.add(call);
      return event([format.callOpening(index, at, call)], usageSoFar(index));
    };
    return {
      open: (choices) =>
        choices
          .map(({ index }) => {
            const opening = format.opening(index);
            return opening ? event([opening], usageSoFar(index)) : '';
          })
          .join(''),
      piece({ index, calls }, step) {
        const call = step.call === undefined ? undefined : calls[step.call];
        const before = openCall(index, step.call, call);
        sent.set(index, (sent.get(index) ?? 0) + step.tokens.length);
        return { before, piece: event([format.piece(index, step, call?.type)], usageSoFar(index)) };
      },
      close: ({ index }, reason) => event([format.closing(index, reason)], usageSoFar(index)),
      end: (sampled) => `${includeUsage ? event([], usageOf(promptTokens, sampled)) : ''}data: [DONE]\n\n`,
    };
  };

  return {
    idPrefix: format.idPrefix,
    whole: (head, choices, sampled) => ({
      ...headOf(head, format.object),
      choices: choices.map(format.whole),
      usage: usageOf(promptTokens, sampled),
    }),
    stream,
  };
};
