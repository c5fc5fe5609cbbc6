import type { ReasoningItem } from '../../runs/reasoning.ts';
import type { TokenLogprob } from '../../runs/token-logprobs.ts';
import type { BegunCall } from '../../runs/tool-call.ts';
import type {
  EndStatus,
  OutputEvent,
  OutputItem,
  ReasoningTextPart,
  RefusalPart,
  TextPart,
} from './output-items.ts';

// An output item that is still being made: its events as it grows, `close` with those that end it (none again), and itself.

type Place = { id: string; output_index: number };

const added = (output_index: number, item: OutputItem): OutputEvent => ({
  type: 'response.output_item.added',
  output_index,
  item,
});

/** Ends an item once: the events of its parts, then that of the item itself. */
const closing = (
  output_index: number,
  { parts, item }: { parts: () => OutputEvent[]; item: () => OutputItem },
) => {
  let end: EndStatus | undefined;
  return {
    status: () => end ?? 'in_progress',
    isClosed: () => end !== undefined,
    close: (status: EndStatus): OutputEvent[] => {
      if (end !== undefined) return [];
      const ended = parts();
      end = status;
      return [...ended, { type: 'response.output_item.done', output_index, item: item() }];
    },
  };
};

/** A message: parts of text and of refusal, in the order in which they come. */
export const openMessage = ({ id, output_index }: Place) => {
  const content: (TextPart | RefusalPart)[] = [];
  const place = () => ({ item_id: id, output_index, content_index: content.length - 1 });
  const endPart = (): OutputEvent[] => {
    const part = content.at(-1);
    if (!part) return [];
    const done: OutputEvent = { type: 'response.content_part.done', ...place(), part: { ...part } };
    return part.type === 'refusal'
      ? [{ type: 'response.refusal.done', ...place(), refusal: part.refusal }, done]
      : [{ type: 'response.output_text.done', ...place(), text: part.text, logprobs: part.logprobs }, done];
  };
  const beginPart = <Part extends TextPart | RefusalPart>(
    part: Part,
  ): { part: Part; events: OutputEvent[] } => {
    const ended = endPart();
    content.push(part);
    const empty = part.type === 'refusal' ? { ...part } : { ...part, logprobs: [] };
    return { part, events: [...ended, { type: 'response.content_part.added', ...place(), part: empty }] };
  };
  const item = (): OutputItem => ({
    ...{ id, type: 'message', status: end.status(), role: 'assistant' },
    content: content.map((part) => ({ ...part })),
  });
  const end = closing(output_index, { parts: endPart, item });
  return {
    kind: 'message' as const,
    begin: () => [added(output_index, item())],
    text: (text: string, logprobs: TokenLogprob[] = []): OutputEvent[] => {
      const last = content.at(-1);
      const { part, events } =
        last?.type === 'output_text'
          ? { part: last, events: [] }
          : beginPart<TextPart>({ type: 'output_text', text: '', annotations: [], logprobs: [] });
      part.text += text;
      part.logprobs.push(...logprobs);
      return [...events, { type: 'response.output_text.delta', ...place(), delta: text, logprobs }];
    },
    refusal: (text: string): OutputEvent[] => {
      const last = content.at(-1);
      const { part, events } =
        last?.type === 'refusal'
          ? { part: last, events: [] }
          : beginPart<RefusalPart>({ type: 'refusal', refusal: '' });
      part.refusal += text;
      return [...events, { type: 'response.refusal.delta', ...place(), delta: text }];
    },
    close: end.close,
    item,
  };
};

/** Reasoning: summaries that its server wrote, or its own text, which it has as one part. */
export const openReasoning = (
  { id, output_index }: Place,
  { showsEncrypted }: { showsEncrypted: boolean },
) => {
  const summary: string[] = [];
  let content: ReasoningTextPart | undefined;
  let encrypted: string | undefined;
  const place = () => ({ item_id: id, output_index });
  const inContent = () => ({ ...place(), content_index: 0 });
  const endSummary = (): OutputEvent[] => {
    const text = summary.at(-1);
    if (text === undefined) return [];
    const at = { ...place(), summary_index: summary.length - 1 };
    return [
      { type: 'response.reasoning_summary_text.done', ...at, text },
      { type: 'response.reasoning_summary_part.done', ...at, part: { type: 'summary_text', text } },
    ];
  };
  /** Only the last part can still gain text. */
  const addSummary = (index: number, text: string): OutputEvent[] => {
    if (end.isClosed()) return [];
    const events: OutputEvent[] = [];
    while (summary.length <= index) {
      events.push(...endSummary());
      summary.push('');
      events.push({
        type: 'response.reasoning_summary_part.added',
        ...place(),
        summary_index: summary.length - 1,
        part: { type: 'summary_text', text: '' },
      });
    }
    if (text === '' || index < summary.length - 1) return events;
    summary[index] += text;
    return [
      ...events,
      { type: 'response.reasoning_summary_text.delta', ...place(), summary_index: index, delta: text },
    ];
  };
  const endParts = (): OutputEvent[] => [
    ...endSummary(),
    ...(content
      ? ([
          { type: 'response.reasoning_text.done', ...inContent(), text: content.text },
          { type: 'response.content_part.done', ...inContent(), part: { ...content } },
        ] satisfies OutputEvent[])
      : []),
  ];
  const item = (): OutputItem => ({
    ...{ id, type: 'reasoning' },
    ...(end.isClosed() && { status: end.status() }),
    summary: summary.map((text) => ({ type: 'summary_text', text })),
    ...(content && { content: [{ ...content }] }),
    ...(showsEncrypted && encrypted !== undefined && { encrypted_content: encrypted }),
  });
  const end = closing(output_index, { parts: endParts, item });
  return {
    kind: 'reasoning' as const,
    id,
    begin: () => [added(output_index, item())],
    summary: addSummary,
    text: (text: string): OutputEvent[] => {
      const events: OutputEvent[] = [];
      if (!content) {
        content = { type: 'reasoning_text', text: '' };
        events.push({ type: 'response.content_part.added', ...inContent(), part: { ...content } });
      }
      content.text += text;
      return [...events, { type: 'response.reasoning_text.delta', ...inContent(), delta: text }];
    },
    /** Adds what of the whole item has not been told yet. */
    whole: (whole: ReasoningItem): OutputEvent[] => {
      encrypted = whole.encrypted_content;
      return whole.summary.flatMap((text, index) =>
        addSummary(
          index,
          text.startsWith(summary[index] ?? '') ? text.slice(summary[index]?.length ?? 0) : '',
        ),
      );
    },
    close: end.close,
    item,
  };
};

/** A call of a function or of a custom tool. Its first event waits for the name of the tool. */
export const openCall = ({ id, output_index }: Place, { id: call_id, type, name: first }: BegunCall) => {
  let name = first;
  let text = '';
  let isAdded = false;
  const place = { item_id: id, output_index };
  const add = (): OutputEvent[] => {
    if (isAdded) return [];
    isAdded = true;
    const events = [added(output_index, itemWith(''))];
    return text === '' ? events : [...events, delta(text)];
  };
  const delta = (given: string): OutputEvent =>
    type === 'custom'
      ? { type: 'response.custom_tool_call_input.delta', ...place, delta: given }
      : { type: 'response.function_call_arguments.delta', ...place, delta: given };
  const endText = (): OutputEvent[] => [
    ...add(),
    type === 'custom'
      ? { type: 'response.custom_tool_call_input.done', ...place, input: text }
      : { type: 'response.function_call_arguments.done', ...place, name, arguments: text },
  ];
  const itemWith = (given: string): OutputItem => {
    const status = end.status();
    return type === 'custom'
      ? { id, type: 'custom_tool_call', status, call_id, name, input: given }
      : { id, type: 'function_call', status, call_id, name, arguments: given };
  };
  const item = () => itemWith(text);
  const end = closing(output_index, { parts: endText, item });
  return {
    kind: 'call' as const,
    begin: (): OutputEvent[] => (name === '' ? [] : add()),
    rename: (later: string): OutputEvent[] => {
      if (!isAdded) name = later;
      return name === '' ? [] : add();
    },
    text: (given: string): OutputEvent[] => {
      if (end.isClosed() || given === '') return [];
      text += given;
      return isAdded ? [delta(given)] : [];
    },
    /** Whether nothing can follow: some servers send parts of several calls in turn. */
    isComplete: () => type === 'function' && isJson(text),
    calledWith: () => ({ id: call_id, name, text }),
    isClosed: end.isClosed,
    close: end.close,
    item,
  };
};

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};
