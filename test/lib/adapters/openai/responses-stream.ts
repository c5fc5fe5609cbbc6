/** An item of the output of the Responses API. Texts are sent as deltas, one for each. */
export type OutputItem =
  | { type: 'message'; texts: string[]; refusals?: string[] }
  | { type: 'reasoning'; texts?: string[]; summary?: string[]; encrypted?: string }
  | { type: 'function_call' | 'custom_tool_call'; id: string; name: string; texts: string[] };

type Event = { type: string } & Record<string, unknown>;

const USAGE = { input_tokens: 9, output_tokens: 3, total_tokens: 12 };

/** The response as its first and last events have it. */
export const responseOf = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'answering-model',
  output: [],
  usage: USAGE,
  ...fields,
});

/** One event as the API writes it. */
export const responseEvent = (fields: Event): string =>
  `event: ${fields.type}\ndata: ${JSON.stringify({ sequence_number: 0, ...fields })}\n\n`;

const TEXT_EVENTS = {
  function_call: 'function_call_arguments',
  custom_tool_call: 'custom_tool_call_input',
} as const;

/** An item as the API tells it in the end, and as it begins. */
export const wholeItem = (item: OutputItem, at: number, isBegun = false): Record<string, unknown> => {
  const textOf = (texts: string[] = []) => (isBegun ? '' : texts.join(''));
  if (item.type === 'message') {
    const parts = [
      ...(item.texts.length > 0 ? [{ type: 'output_text', text: textOf(item.texts), annotations: [] }] : []),
      ...(item.refusals ? [{ type: 'refusal', refusal: textOf(item.refusals) }] : []),
    ];
    return { type: 'message', id: `msg_${at}`, role: 'assistant', content: isBegun ? [] : parts };
  }
  if (item.type === 'reasoning')
    return {
      type: 'reasoning',
      id: `rs_${at}`,
      summary: isBegun ? [] : (item.summary ?? []).map((text) => ({ type: 'summary_text', text })),
      ...(item.texts && { content: isBegun ? [] : [{ type: 'reasoning_text', text: textOf(item.texts) }] }),
      encrypted_content: isBegun ? null : (item.encrypted ?? null),
    };
  const { type, id, name, texts } = item;
  const field = type === 'function_call' ? 'arguments' : 'input';
  return { type, id: `fc_${at}`, call_id: id, name, [field]: textOf(texts) };
};

/** The events of one item, in OpenAI's order. */
export const itemEvents = (item: OutputItem, at: number): Event[] => {
  const place = { output_index: at, item_id: String(wholeItem(item, at).id) };
  const part = (type: string, fields: Record<string, unknown>): Event => ({ type, ...place, ...fields });
  const deltas = (name: string, texts: string[] = [], fields = {}): Event[] => [
    ...texts.map((delta) => part(`response.${name}.delta`, { ...fields, delta })),
    ...(texts.length > 0 ? [part(`response.${name}.done`, { ...fields, text: texts.join('') })] : []),
  ];
  const inner = (): Event[] => {
    if (item.type === 'message')
      return [
        ...deltas('output_text', item.texts, { content_index: 0, logprobs: [] }),
        ...deltas('refusal', item.refusals, { content_index: 1 }),
        part('response.content_part.done', { part: { type: 'output_text', text: item.texts.join('') } }),
      ];
    if (item.type === 'reasoning')
      return [
        ...(item.summary ?? []).flatMap((text, index) =>
          deltas('reasoning_summary_text', [...text], { summary_index: index }),
        ),
        ...deltas('reasoning_text', item.texts, { content_index: 0 }),
      ];
    return deltas(TEXT_EVENTS[item.type], item.texts);
  };
  return [
    { type: 'response.output_item.added', output_index: at, item: wholeItem(item, at, true) },
    ...inner(),
    { type: 'response.output_item.done', output_index: at, item: wholeItem(item, at) },
  ];
};

/** The events of a whole stream; `end`: the fields of the response in the last one. */
export const responseEvents = (items: OutputItem[], end: Record<string, unknown> = {}): Event[] => {
  const response = responseOf({ output: items.map((item, at) => wholeItem(item, at)), ...end });
  return [
    { type: 'response.created', response: responseOf({ status: 'in_progress', usage: null }) },
    { type: 'response.in_progress', response: responseOf({ status: 'in_progress', usage: null }) },
    ...items.flatMap(itemEvents),
    { type: response.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response },
  ];
};

export const responseStream = (items: OutputItem[], end: Record<string, unknown> = {}): string =>
  responseEvents(items, end).map(responseEvent).join('');

/** A delta of the text alone, as in a stream that breaks off after it. */
export const textDelta = (delta: string): string =>
  responseEvent({
    ...{ type: 'response.output_text.delta', output_index: 0, item_id: 'msg_0', content_index: 0 },
    delta,
  });

/** An ordinary answer of these texts. */
export const responseAnswer = (...texts: string[]): string =>
  responseStream([{ type: 'message', texts }], {
    usage: { input_tokens: 9, output_tokens: texts.length + 1 },
  });
