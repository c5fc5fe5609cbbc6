import {
  type AnswerFormat,
  type AnswerStream,
  type FinishReason,
  type Head,
  type OpenChoice,
  responseLogprobs,
  type WholeChoice,
} from '../completion-format.ts';
import { CHAT_MODEL } from '../models.ts';
import { endOf, type Item, itemOf, newItem, partOf } from './output.ts';

type ResponsesFormat = {
  /** The fields of a response that repeat the request. */
  echo: object;
  promptTokens: number;
  withLogprobs: boolean;
  isObfuscated: boolean;
};

/** Pads a delta to a multiple of so many characters. */
const PADDED_LENGTH = 16;

const paddingOf = (delta: string): string => 'x'.repeat(PADDED_LENGTH - (delta.length % PADDED_LENGTH));

const usageOf = (promptTokens: number, sampled: number) => ({
  input_tokens: promptTokens,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: sampled,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: promptTokens + sampled,
});

/** The names of the fields and events of a call's input. */
const INPUTS = {
  function: { event: 'response.function_call_arguments', field: 'arguments' },
  custom: { event: 'response.custom_tool_call_input', field: 'input' },
} as const;

/**
 * The answers of the Responses API: https://platform.openai.com/docs/api-reference/responses-streaming
 * A request has one choice, whose output is one message, or its calls.
 */
export const responsesFormat = ({
  echo,
  promptTokens,
  withLogprobs,
  isObfuscated,
}: ResponsesFormat): AnswerFormat => {
  const begun = { status: 'in_progress', completed_at: null, incomplete_details: null } as const;

  const responseOf = ({ id, created }: Head, state: object, output: object[], usage: object | null) => ({
    id,
    object: 'response',
    created_at: created,
    error: null,
    model: CHAT_MODEL,
    ...echo,
    ...state,
    output,
    usage,
  });

  /** The last item alone is cut when the response is. */
  const outputOf = (items: readonly Item[], finish: FinishReason): object[] =>
    items.map((item, at) =>
      itemOf(item, at === items.length - 1 ? endOf(finish).status : 'completed', withLogprobs),
    );

  const ended = (head: Head, items: readonly Item[], finish: FinishReason, sampled: number) => {
    const { status, incomplete_details } = endOf(finish);
    const completed_at = status === 'completed' ? Math.floor(Date.now() / 1000) : null;
    return responseOf(
      head,
      { status, completed_at, incomplete_details },
      outputOf(items, finish),
      usageOf(promptTokens, sampled),
    );
  };

  const whole = (head: Head, [choice]: readonly WholeChoice[], sampled: number): object => {
    const { text = '', calls = [], tokens = [], finish = 'stop' } = choice ?? {};
    const items =
      calls.length === 0
        ? [{ ...newItem(undefined), text, tokens }]
        : calls.map((call) => ({ ...newItem(call), text: call.input }));
    return ended(head, items, finish, sampled);
  };

  const stream = (head: Head): AnswerStream => {
    const items: Item[] = [];
    let finish: FinishReason = 'stop';
    let sequence = 0;
    const event = (type: string, fields: object): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;

    /** The place of the newest item, in the fields that its events have. */
    const place = ({ id, call }: Item) => ({
      item_id: id,
      output_index: items.length - 1,
      ...(call === undefined ? { content_index: 0 } : {}),
    });

    const begin = (item: Item): string => {
      items.push(item);
      const added = event('response.output_item.added', {
        output_index: items.length - 1,
        item: itemOf(item, 'in_progress', withLogprobs),
      });
      if (item.call !== undefined) return added;
      return added + event('response.content_part.added', { ...place(item), part: partOf(item, false) });
    };

    const end = (item: Item, status: 'completed' | 'incomplete'): string => {
      const { call, text } = item;
      const part = partOf(item, withLogprobs);
      const written =
        call === undefined
          ? event('response.output_text.done', { ...place(item), text, logprobs: part.logprobs }) +
            event('response.content_part.done', { ...place(item), part })
          : event(`${INPUTS[call.type].event}.done`, {
              ...place(item),
              [INPUTS[call.type].field]: text,
            });
      const output_index = items.length - 1;
      return (
        written +
        event('response.output_item.done', { output_index, item: itemOf(item, status, withLogprobs) })
      );
    };

    /** Begins the item of a step, unless it is the newest one. */
    const reach = ({ calls }: OpenChoice, at: number | undefined): { item: Item; before: string } => {
      const call = at === undefined ? undefined : calls[at];
      const newest = items.at(-1);
      if (newest && newest.call === call) return { item: newest, before: '' };
      const item = newItem(call);
      const before = newest ? end(newest, 'completed') : '';
      return { item, before: before + begin(item) };
    };

    return {
      open() {
        const response = responseOf(head, begun, [], null);
        return event('response.created', { response }) + event('response.in_progress', { response });
      },
      piece(choice, { text, tokens, call }) {
        const { item, before } = reach(choice, call);
        item.text += text;
        item.tokens.push(...tokens);
        const delta = { ...place(item), delta: text };
        const padding = isObfuscated ? { obfuscation: paddingOf(text) } : {};
        const piece = item.call
          ? event(`${INPUTS[item.call.type].event}.delta`, { ...delta, ...padding })
          : event('response.output_text.delta', {
              ...delta,
              logprobs: withLogprobs ? responseLogprobs(tokens) : [],
              ...padding,
            });
        return { before, piece };
      },
      close(choice, reason) {
        finish = reason;
        const { item, before } =
          items.length > 0
            ? { item: items.at(-1) as Item, before: '' }
            : reach(choice, choice.calls.length > 0 ? 0 : undefined);
        return before + end(item, endOf(reason).status);
      },
      end: (sampled) =>
        event(`response.${endOf(finish).status}`, { response: ended(head, items, finish, sampled) }),
    };
  };

  return { idPrefix: 'resp_', whole, stream };
};
