import { isObject } from '../../json/value.ts';
import type { PlacedReasoning, ReasoningProgress } from '../../runs/reasoning.ts';
import { makeReasoningItems } from './reasoning-items.ts';
import { errorIn } from './refused.ts';
import {
  type Choice,
  countOf,
  nameOf,
  type StreamEvent,
  stringOf,
  type UsageObject,
} from './stream-event.ts';

/**
 * One event of a stream by the Responses API in the shape of chat completions. Its chunks are valid until the next event
 * is translated.
 */
type Translated = {
  chunks: readonly StreamEvent[];
  /** Whether the answer has ended: the stream says no more. */
  isEnd: boolean;
  /** The error that the event tells, for `readRefused`. */
  error?: unknown;
};

export type ResponsesEvents = {
  /** Whether events of this type say nothing that another does not say better, so that they need not be parsed. */
  isRepeated(type: string | undefined): boolean;
  /**
   * An event's text, calls and figures. `type` is what the stream calls it, which counts for an event without a type of its
   * own. The object of the call before is the same event but for its text and log probabilities, as `makeEventJson` has it.
   */
  translate(event: Record<string, unknown>, type: string | undefined): Translated;
  /** A whole response that came instead of a stream; nothing of any other object. */
  translateDocument(response: Record<string, unknown>): Translated;
  reasoning(): PlacedReasoning[];
  /** All summaries and encrypted reasoning so far. */
  reasoningTexts(): string[];
  /** Whether there is more of them than any answer has. */
  readonly isTooLong: boolean;
};

type Kind = 'content' | 'refusal' | 'reasoning' | 'call';

/** An item of the output. `texts`: what has come of it, by kind; undefined: in a shape that cannot be compared. */
type Item = {
  type: string;
  id: string;
  /** Of a call: its number among the calls. */
  index: number;
  /** Whether the server has told the item itself, beside its text. */
  isTold: boolean;
  /** Of a call: whether its name has come. */
  isNamed: boolean;
  texts: Record<Kind, string | undefined>;
};

/** A delta as it was translated. Others of the same event put their text into `owner` under `name`. */
type TakenDelta = {
  event: Record<string, unknown>;
  /** Its type beside the data: servers that put none into the data may send alike ones of two types. */
  streamType: string | undefined;
  item: Item;
  kind: Kind;
  choice: Choice;
  owner: TextOwner;
  name: TextName;
  translated: Translated;
};

/** The names under which chunks have texts. */
type TextName = Exclude<Kind, 'call'> | 'arguments' | 'input';
type TextOwner = Partial<Record<TextName, unknown>>;

type DeltaType = [type: string, kind: Kind];

/** The deltas, with the type of their item and the kind of their text. LM Studio and OpenRouter say `reasoning`. */
const DELTAS = new Map<string, DeltaType>([
  ['response.output_text.delta', ['message', 'content']],
  ['response.refusal.delta', ['message', 'refusal']],
  ['response.reasoning_text.delta', ['reasoning', 'reasoning']],
  ['response.reasoning.delta', ['reasoning', 'reasoning']],
  ['response.function_call_arguments.delta', ['function_call', 'call']],
  ['response.custom_tool_call_input.delta', ['custom_tool_call', 'call']],
]);

/** Totals of a part of an item. The item's own total follows, and in the end that of the whole response. */
const REPEATED = new Set([
  'response.output_text.done',
  'response.refusal.done',
  'response.reasoning_text.done',
  'response.function_call_arguments.done',
  'response.custom_tool_call_input.done',
  'response.content_part.added',
  'response.content_part.done',
]);

const ENDS = new Set(['response.completed', 'response.incomplete', 'response.done']);
const FAILURES = new Set(['response.failed', 'response.cancelled']);

/**
 * Translates the events of the Responses API (https://platform.openai.com/docs/api-reference/responses-streaming) into
 * those of chat completions, one for one: each delta becomes a delta of the same text. Totals become what the deltas
 * lacked. Text of several messages is one text.
 *
 * Servers differ: vLLM numbers the parts of a text anew with each delta, others change the ids of an item or leave
 * events out. So items are found by their place in the output, and only the texts of whole items are compared.
 */
export const makeResponsesEvents = (onReasoning?: (progress: ReasoningProgress) => void): ResponsesEvents => {
  const items: Item[] = [];
  const byPlace = new Map<unknown, Item>();
  const reasoning = makeReasoningItems(onReasoning);
  let calls = 0;
  let hasMessage = false;
  /** How many items an answer has so far, all its messages counted as one. */
  let places = 0;
  let current: { outputIndex: unknown; itemId: unknown; item: Item } | undefined;
  /** The event before, if it was a delta that others are likely to follow. */
  let latest: TakenDelta | undefined;

  const begin = (type: string, id: unknown): Item => {
    const isCall = type === 'function_call' || type === 'custom_tool_call';
    const item: Item = {
      type,
      id: nameOf(id),
      index: isCall ? calls++ : -1,
      isTold: false,
      isNamed: false,
      texts: { content: '', refusal: '', reasoning: '', call: '' },
    };
    items.push(item);
    if (type === 'reasoning') reasoning.begin(item, item.id, places);
    if (type !== 'message' || !hasMessage) places++;
    if (type === 'message') hasMessage = true;
    return item;
  };

  /** The item that an event is of, by its place in the output, else by its id, else the last of its type. */
  const itemOf = (event: Record<string, unknown>, type: string): Item => {
    const { output_index: outputIndex, item_id: itemId } = event;
    if (
      current &&
      current.outputIndex === outputIndex &&
      current.itemId === itemId &&
      current.item.type === type
    )
      return current.item;
    const known =
      typeof outputIndex === 'number'
        ? byPlace.get(outputIndex)
        : typeof itemId === 'string'
          ? byPlace.get(itemId)
          : items.findLast((one) => one.type === type);
    const item = known?.type === type ? known : begin(type, itemId);
    remember(item, outputIndex, itemId);
    current = { outputIndex, itemId, item };
    return item;
  };

  const remember = (item: Item, outputIndex: unknown, itemId: unknown): void => {
    if (typeof outputIndex === 'number') byPlace.set(outputIndex, item);
    if (typeof itemId === 'string') byPlace.set(itemId, item);
  };

  const takeDelta = (
    event: Record<string, unknown>,
    streamType: string | undefined,
    [type, kind]: DeltaType,
  ): Translated => {
    const { delta, logprobs } = event;
    if (isNone(delta)) return NOTHING;
    const item = itemOf(event, type);
    const id = kind === 'call' && item.texts.call === '' && !item.isTold ? item.id : '';
    const taken = { event, streamType, item, kind, ...deltaOf(item, kind, id) };
    if (id === '') latest = taken;
    return fill(taken, delta, logprobs);
  };

  /** Nearly all events of a stream are deltas that follow one another, so each fills the chunk of the one before. */
  const fill = (
    { item, kind, choice, owner, name, translated }: TakenDelta,
    delta: unknown,
    logprobs: unknown,
  ): Translated => {
    const before = item.texts[kind];
    item.texts[kind] = typeof delta === 'string' && before !== undefined ? before + delta : undefined;
    owner[name] = delta;
    if (kind !== 'call')
      choice.logprobs = Array.isArray(logprobs) && logprobs.length > 0 ? { content: logprobs } : null;
    return translated;
  };

  const beginItem = (event: Record<string, unknown>): StreamEvent | undefined => {
    const { item: told, output_index: outputIndex } = event;
    if (!isObject(told)) return undefined;
    const type = stringOf(told.type);
    if (!isKnown(type)) return undefined;
    const known = byPlace.get(typeof outputIndex === 'number' ? outputIndex : told.id);
    // Deltas may have come before the item was told. One that has been told is another.
    const item = known?.type === type && !known.isTold ? known : begin(type, told.id);
    remember(item, outputIndex, told.id);
    current = undefined;
    return complete(item, told);
  };

  const endItem = (event: Record<string, unknown>): StreamEvent | undefined => {
    const { item: told, output_index: outputIndex } = event;
    if (!isObject(told)) return undefined;
    const type = stringOf(told.type);
    if (!isKnown(type)) return undefined;
    const known = byPlace.get(typeof outputIndex === 'number' ? outputIndex : told.id);
    const item = known?.type === type ? known : begin(type, told.id);
    remember(item, outputIndex, told.id);
    const rest = complete(item, told);
    if (type === 'reasoning') reasoning.end(item);
    return rest;
  };

  /** Takes an item as it stands now; returns what had not come of it before. */
  const complete = (item: Item, told: Record<string, unknown>): StreamEvent | undefined => {
    const hasBegun = item.isTold || item.texts.call !== '';
    item.isTold = true;
    if (item.type === 'reasoning') reasoning.take(item, told);
    if (item.index < 0) return restOfMessage(item, told);
    const rest = restOf(item, 'call', item.type === 'custom_tool_call' ? told.input : told.arguments);
    const name = item.isNamed ? '' : nameOf(told.name);
    if (name !== '') item.isNamed = true;
    if (hasBegun && name === '' && rest === undefined) return undefined;
    const call = callOf(item, hasBegun ? '' : nameOf(told.call_id) || item.id, name);
    call.owner[call.name] = rest ?? '';
    return oneChoice({ index: 0, delta: call.delta });
  };

  const restOfMessage = (item: Item, told: Record<string, unknown>): StreamEvent | undefined => {
    const isMessage = item.type === 'message';
    const parts = [told.content].flat().filter((part) => part !== undefined && part !== null);
    const totals = { content: '', refusal: '', reasoning: '' };
    const unread: unknown[] = [];
    let logprobs: unknown[] = [];
    for (const part of parts) {
      const {
        type,
        text,
        refusal,
        logprobs: own,
      }: Record<string, unknown> = isObject(part) ? part : { text: part };
      if (type === 'refusal') totals.refusal += stringOf(refusal);
      else if (typeof text === 'string') totals[isMessage ? 'content' : 'reasoning'] += text;
      else unread.push(part);
      if (Array.isArray(own)) logprobs = logprobs.concat(own);
    }
    const hasNone = item.texts.content === '' && item.texts.refusal === '' && item.texts.reasoning === '';
    const isUnread = hasNone && unread.length > 0;
    const delta = {
      content: isUnread ? [...unread, totals.content] : restOf(item, 'content', totals.content),
      refusal: restOf(item, 'refusal', totals.refusal),
      reasoning: restOf(item, 'reasoning', totals.reasoning),
    };
    if (isUnread) item.texts.content = undefined;
    if (Object.values(delta).every((rest) => rest === undefined)) return undefined;
    const isWhole = delta.content === totals.content && logprobs.length > 0;
    return oneChoice({ index: 0, delta, ...(isWhole && { logprobs: { content: logprobs } }) });
  };

  /** The rest of a total after the text that has come; undefined if that is nothing. A total that says otherwise is passed over. */
  const restOf = (item: Item, kind: Kind, total: unknown): unknown => {
    const before = item.texts[kind];
    if (before === '' && isObject(total)) {
      item.texts[kind] = undefined;
      return total;
    }
    if (typeof total !== 'string' || before === undefined || total.length <= before.length) return undefined;
    if (!total.startsWith(before)) return undefined;
    item.texts[kind] = total;
    return total.slice(before.length);
  };

  /** Everything in the whole response that its events lacked: the items of each type are compared in order. */
  const restOfOutput = (output: unknown): StreamEvent[] => {
    if (!Array.isArray(output)) return [];
    const taken = new Map<string, number>();
    return output.filter(isObject).flatMap((told) => {
      const type = stringOf(told.type);
      if (!isKnown(type)) return [];
      const at = taken.get(type) ?? 0;
      taken.set(type, at + 1);
      const item = items.filter((one) => one.type === type)[at] ?? begin(type, told.id);
      const rest = complete(item, told);
      if (type === 'reasoning') reasoning.end(item);
      return rest ?? [];
    });
  };

  const finish = (response: Record<string, unknown>, type: string | undefined): Translated => {
    const rest = restOfOutput(response.output);
    reasoning.endAll();
    const reason = isObject(response.incomplete_details) ? nameOf(response.incomplete_details.reason) : '';
    const isCut = response.status === 'incomplete' || reason !== '' || type === 'response.incomplete';
    const finishReason = isCut ? cutReason(reason) : calls > 0 ? 'tool_calls' : 'stop';
    const last = {
      ...namesOf(response),
      choices: [{ index: 0, delta: {}, finish_reason: finishReason }],
      usage: usageOfResponse(response.usage),
    };
    return { chunks: [...rest, last], isEnd: true };
  };

  return {
    isRepeated: (type) => type !== undefined && REPEATED.has(type),
    translate(event, streamType) {
      if (latest?.event === event && latest.streamType === streamType)
        return isNone(event.delta) ? NOTHING : fill(latest, event.delta, event.logprobs);
      latest = undefined;
      const type = nameOf(event.type) || streamType;
      const error = failureIn(event, type);
      if (error !== undefined) return failed(error);
      const delta = DELTAS.get(type ?? '');
      if (delta !== undefined) return takeDelta(event, streamType, delta);
      if (type === 'response.output_item.added') return only(beginItem(event));
      if (type === 'response.output_item.done') return only(endItem(event));
      const { response } = event;
      if (isObject(response)) return ENDS.has(type ?? '') ? finish(response, type) : only(namesOf(response));
      if (type?.startsWith('response.reasoning_summary'))
        reasoning.progress(itemOf(event, 'reasoning'), event);
      return NOTHING;
    },
    translateDocument(response) {
      const error = failureIn(response, undefined);
      if (error !== undefined) return failed(error);
      const isResponse = response.object === 'response' || Array.isArray(response.output);
      return isResponse ? finish(response, undefined) : NOTHING;
    },
    reasoning: () => reasoning.list(),
    reasoningTexts: () => reasoning.texts(),
    get isTooLong() {
      return reasoning.isTooLong;
    },
  };
};

const isKnown = (type: string): boolean =>
  type === 'message' || type === 'reasoning' || type === 'function_call' || type === 'custom_tool_call';

/** The error that an event or a whole response tells; undefined for any other. */
const failureIn = (event: Record<string, unknown>, type: string | undefined): unknown => {
  if (type === 'error') return event;
  const response = isObject(event.response) ? event.response : event;
  const hasFailed = FAILURES.has(type ?? '') || ['failed', 'cancelled'].includes(stringOf(response.status));
  if (hasFailed) return response.error ?? {};
  // Types of the API say no error. Servers and proxies also write errors of other shapes into a stream.
  return type?.startsWith('response.') ? undefined : errorIn(event);
};

const isNone = (delta: unknown): boolean => delta === '' || delta === undefined || delta === null;

const oneChoice = (choice: Choice): StreamEvent => ({ choices: [choice] });

/** A chunk for deltas of this kind of an item, without their text. */
const deltaOf = (
  item: Item,
  kind: Kind,
  id: string,
): Pick<TakenDelta, 'choice' | 'owner' | 'name' | 'translated'> => {
  const own: TextOwner = {};
  const { delta, owner, name } =
    kind === 'call' ? callOf(item, id, '') : { delta: own, owner: own, name: kind };
  const choice: Choice = { index: 0, delta };
  return { choice, owner, name, translated: only(oneChoice(choice)) };
};

/** A delta of a call, whose text goes into `owner` under `name`. */
const callOf = (
  { type, index }: Item,
  id: string,
  functionName: string,
): Pick<TakenDelta, 'owner' | 'name'> & { delta: object } => {
  const owner: TextOwner & { name: string } = { name: functionName };
  return type === 'custom_tool_call'
    ? { delta: { tool_calls: [{ index, id, type: 'custom', custom: owner }] }, owner, name: 'input' }
    : { delta: { tool_calls: [{ index, id, type: 'function', function: owner }] }, owner, name: 'arguments' };
};

const NOTHING: Translated = { chunks: [], isEnd: false };
const failed = (error: unknown): Translated => ({ ...NOTHING, error });
const only = (chunk: StreamEvent | undefined): Translated =>
  chunk === undefined ? NOTHING : { chunks: [chunk], isEnd: false };

const namesOf = ({ id, model }: Record<string, unknown>): StreamEvent => ({ id, model });

const cutReason = (reason: string): string =>
  reason === 'max_output_tokens' || reason === '' ? 'length' : reason;

const usageOfResponse = (usage: unknown): UsageObject | undefined => {
  if (!isObject(usage)) return undefined;
  const { input_tokens_details: input, output_tokens_details: output } = usage;
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    prompt_tokens_details: { cached_tokens: countOf(isObject(input) ? input.cached_tokens : undefined) },
    completion_tokens_details: {
      reasoning_tokens: countOf(isObject(output) ? output.reasoning_tokens : undefined),
    },
  };
};
