import type { Generation, TraceChunk } from '../../runs/generation.ts';
import type { PlacedReasoning, ReasoningProgress } from '../../runs/reasoning.ts';
import { type BegunCall, calledWith } from '../../runs/tool-call.ts';
import { itemIdOf } from './item-ids.ts';
import { openCall, openMessage, openReasoning } from './open-items.ts';
import type { EndStatus, OutputEvent, OutputItem } from './output-items.ts';

/** The output of a response as it grows: each method takes what is told of it and returns the events of that. */
export type Output = {
  /** A chunk of its text, refusal or reasoning, or of the text that a call has begun with. */
  chunk(chunk: TraceChunk): OutputEvent[];
  /** A call begins, or its name has come. */
  call(begun: BegunCall): OutputEvent[];
  reasoning(progress: ReasoningProgress): OutputEvent[];
  /** Ends all items that are open. */
  end(status: EndStatus): OutputEvent[];
  /** The number of items so far. */
  count(): number;
  /** Whether a chunk of this kind would begin another item. */
  beginsItem(kind: TraceChunk['kind']): boolean;
  items(): OutputItem[];
  /** Whether this is the whole of a committed generation: its text, its calls and its reasoning items. */
  isWhole(committed: Pick<Generation, 'text' | 'tool_calls' | 'reasoning'>): boolean;
};

/**
 * Makes the items and events of one output. An item ends when the next begins, as in OpenAI's own streams; a call whose
 * arguments are not whole yet stays open, since servers may send parts of several calls in turn. The ids of items are
 * made of the run's, but for reasoning items of a server, which keep theirs.
 */
export const makeOutput = (
  runId: string,
  { showsEncrypted = false }: { showsEncrypted?: boolean } = {},
): Output => {
  type Item = ReturnType<typeof openMessage> | ReturnType<typeof openReasoning> | ReturnType<typeof openCall>;
  const items: Item[] = [];
  const calls: ReturnType<typeof openCall>[] = [];
  const toldReasoning = new Map<string, ReturnType<typeof openReasoning>>();
  const made = { message: 0, reasoning: 0 };
  /** The message or the reasoning that the next chunk may belong to. */
  let current: Item | undefined;
  let text = '';

  const closeBefore = (): OutputEvent[] => {
    const ended = current?.kind === 'call' ? [] : (current?.close('completed') ?? []);
    current = undefined;
    return [
      ...ended,
      ...calls.flatMap((call) => (!call.isClosed() && call.isComplete() ? call.close('completed') : [])),
    ];
  };
  const begin = <I extends Item>(make: (output_index: number) => I): { item: I; events: OutputEvent[] } => {
    const ended = closeBefore();
    const item = make(items.length);
    items.push(item);
    current = item;
    return { item, events: [...ended, ...item.begin()] };
  };
  const message = () =>
    current?.kind === 'message'
      ? { item: current, events: [] }
      : begin((output_index) =>
          openMessage({ id: itemIdOf(runId, 'message', made.message++), output_index }),
        );
  const reasoning = () =>
    current?.kind === 'reasoning'
      ? { item: current, events: [] }
      : begin((output_index) =>
          openReasoning(
            { id: itemIdOf(runId, 'reasoning', made.reasoning++), output_index },
            { showsEncrypted },
          ),
        );

  return {
    chunk: ({ kind, call, text: given, logprobs }) => {
      if (kind === 'tool') return calls[call ?? 0]?.text(given) ?? [];
      if (given === '' && !logprobs?.length) return [];
      if (kind === 'reasoning') {
        const { item, events } = reasoning();
        return [...events, ...item.text(given)];
      }
      const { item, events } = message();
      if (kind === 'refusal') return [...events, ...item.refusal(given)];
      text += given;
      return [...events, ...item.text(given, logprobs)];
    },

    call: (begun) => {
      const known = calls[begun.call];
      if (known) return known.rename(begun.name);
      const kind = begun.type === 'custom' ? 'custom_tool_call' : 'function_call';
      const { item, events } = begin((output_index) =>
        openCall({ id: itemIdOf(runId, kind, begun.call), output_index }, begun),
      );
      calls[begun.call] = item;
      return events;
    },

    reasoning: ({ id, part, ended }) => {
      const known = toldReasoning.get(id);
      const { item, events } = known
        ? { item: known, events: [] }
        : begin((output_index) => openReasoning({ id, output_index }, { showsEncrypted }));
      toldReasoning.set(id, item);
      if (part) events.push(...item.summary(part.index, part.text));
      if (!ended) return events;
      events.push(...item.whole(ended), ...item.close('completed'));
      if (current === item) current = undefined;
      return events;
    },

    end: (status) => {
      const last = items.at(-1);
      return items.flatMap((item) => item.close(item === last ? status : 'completed'));
    },
    count: () => items.length,
    beginsItem: (kind) =>
      kind !== 'tool' && current?.kind !== (kind === 'reasoning' ? 'reasoning' : 'message'),
    items: () => items.map((item) => item.item()),
    isWhole: ({ text: committed, tool_calls = [], reasoning: placed = [] }) =>
      text === (committed ?? '') &&
      calls.length <= tool_calls.length &&
      tool_calls.every((call, at) => {
        const told = calls[at]?.calledWith();
        const { name, text: given } = calledWith(call);
        if (!told) return name === '' && given === '';
        return told.id === call.id && told.name === name && told.text === given;
      }) &&
      placed.length === toldReasoning.size &&
      placed.every(({ id }) => toldReasoning.has(id)),
  };
};

/**
 * Tells an output what is stored of it, in the order of its trace; without a trace its text, then its calls. The events
 * are those that were sent while it was made, and the items are the same. Reasoning items stand at their own places.
 */
export function* tellStored(
  output: Output,
  generation: Pick<Generation, 'text' | 'tool_calls' | 'reasoning'>,
  trace?: readonly TraceChunk[],
): Generator<OutputEvent, undefined> {
  const { tool_calls = [] } = generation;
  const placed = (generation.reasoning ?? []).toSorted((a, b) => a.at - b.at);
  let open: PlacedReasoning | undefined;
  let begunCalls = 0;

  const endReasoning = (): OutputEvent[] => {
    const ended = open;
    open = undefined;
    return ended ? output.reasoning({ id: ended.id, at: ended.at, ended }) : [];
  };
  /** The reasoning items whose place comes before the next item; the last one stays open for its own text. */
  const reasoningBefore = function* (takesText: boolean): Generator<OutputEvent, undefined> {
    yield* endReasoning();
    for (let next = placed[0]; next && next.at <= output.count(); next = placed[0]) {
      placed.shift();
      yield* output.reasoning({ id: next.id, at: next.at });
      for (const [index, text] of next.summary.entries())
        yield* output.reasoning({ id: next.id, at: next.at, part: { index, text } });
      open = next;
      if (takesText) return;
      yield* endReasoning();
    }
  };
  const nextCall = function* (): Generator<OutputEvent, undefined> {
    yield* reasoningBefore(false);
    const call = tool_calls[begunCalls];
    if (call)
      yield* output.call({
        ...{ call: begunCalls, id: call.id, type: call.type, name: calledWith(call).name },
      });
    begunCalls += 1;
  };

  for (const chunk of trace ?? untimed(generation)) {
    const { kind, call } = chunk;
    if (kind === 'tool')
      while (begunCalls <= (call ?? 0) && begunCalls < tool_calls.length) yield* nextCall();
    else if ((chunk.text !== '' || chunk.logprobs) && output.beginsItem(kind))
      yield* reasoningBefore(kind === 'reasoning');
    yield* output.chunk(chunk);
  }
  while (begunCalls < tool_calls.length) yield* nextCall();
  yield* reasoningBefore(false);
  // Places that the items do not reach.
  for (const { at, ...item } of placed) {
    const ended = { ...item, at };
    yield* output.reasoning({ id: item.id, at, ended });
  }
}

const untimed = ({ text, tool_calls = [] }: Pick<Generation, 'text' | 'tool_calls'>): TraceChunk[] => [
  ...(text ? [{ t_ms: 0, text, tokens: null }] : []),
  ...tool_calls.map((call, at): TraceChunk => {
    const { text: given } = calledWith(call);
    return { t_ms: 0, text: given, tokens: null, kind: 'tool', call: at };
  }),
];
