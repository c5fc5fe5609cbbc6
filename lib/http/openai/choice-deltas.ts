import type * as z from 'zod';
import { logprobsOf } from '../../openai/chat-completion.ts';
import type { Generation, TraceChunk } from '../../runs/generation.ts';
import { type BegunCall, calledWith } from '../../runs/tool-call.ts';
import type { chatChunkSchema } from './chat-schemas.ts';

type Choice = z.infer<typeof chatChunkSchema>['choices'][number];
/** The part of a choice that one event adds. */
export type ChoicePart = Pick<Choice, 'delta'> & Partial<Pick<Choice, 'logprobs'>>;

/** The parts of one choice as its generation tells them; undefined: the choice does not show it. */
export type ChoiceDeltas = {
  text(chunk: TraceChunk): ChoicePart | undefined;
  call(begun: BegunCall): ChoicePart | undefined;
  /** Whether these parts are the whole of a committed generation: its text, and its calls with all they are called with. */
  isWhole(committed: Generation): boolean;
};

/**
 * Makes the deltas of a choice (https://platform.openai.com/docs/api-reference/chat-streaming). Reasoning is not shown.
 * `asFunctions` shows the first call as OpenAI's API did before tools.
 */
export const makeChoiceDeltas = ({ asFunctions }: { asFunctions: boolean }): ChoiceDeltas => {
  const calls: (BegunCall & { chars: number })[] = [];
  let chars = 0;

  const argumentsOf = ({ call, type }: BegunCall, text: string): Choice['delta'] => {
    if (asFunctions) return { function_call: { arguments: text } };
    const part = type === 'custom' ? { custom: { input: text } } : { function: { arguments: text } };
    return { tool_calls: [{ index: call, ...part }] };
  };
  const isShown = ({ call }: BegunCall) => !asFunctions || call === 0;

  return {
    text: (chunk) => {
      const { kind, text } = chunk;
      if (kind === 'reasoning') return undefined;
      if (kind === 'refusal') return { delta: { refusal: text }, logprobs: logprobsOf([chunk]) };
      if (kind === undefined) {
        chars += text.length;
        return { delta: { content: text }, logprobs: logprobsOf([chunk]) };
      }
      const begun = calls[chunk.call ?? 0];
      if (!begun) return undefined;
      begun.chars += text.length;
      return isShown(begun) ? { delta: argumentsOf(begun, text) } : undefined;
    },
    call: (begun) => {
      const { call: index, id, type, name } = begun;
      const isNew = calls[index] === undefined;
      calls[index] = { ...begun, chars: calls[index]?.chars ?? 0 };
      if (!isShown(begun)) return undefined;
      if (asFunctions) return { delta: { function_call: isNew ? { name, arguments: '' } : { name } } };
      // Clients join the parts of a call, so its id is told once.
      const named = type === 'custom' ? { custom: { name } } : { function: { name } };
      if (!isNew) return { delta: { tool_calls: [{ index, ...named }] } };
      const empty =
        type === 'custom' ? { custom: { name, input: '' } } : { function: { name, arguments: '' } };
      return { delta: { tool_calls: [{ index, id, type, ...empty }] } };
    },
    isWhole: ({ text, tool_calls = [] }) =>
      (text?.length ?? 0) === chars &&
      calls.length <= tool_calls.length &&
      tool_calls.every((committed, at) => {
        const told = calls[at];
        const { name, text: given } = calledWith(committed);
        if (!told) return name === '' && given === '';
        return told.id === committed.id && told.name === name && told.chars === given.length;
      }),
  };
};

/** The parts of a stored generation, in the order of its trace; without a trace its text, then its calls. */
export function* storedParts(
  generation: Generation,
  trace: readonly TraceChunk[] | undefined,
  options: { asFunctions: boolean },
): Generator<ChoicePart> {
  const { tool_calls = [] } = generation;
  const deltas = makeChoiceDeltas(options);
  const begin = (at: number) => {
    const call = tool_calls[at];
    return call && deltas.call({ call: at, id: call.id, type: call.type, name: calledWith(call).name });
  };
  const chunks = trace ?? untimed(generation);
  let begun = 0;
  for (const chunk of chunks) {
    for (; chunk.call !== undefined && begun <= chunk.call; begun++) yield* shown(begin(begun));
    yield* shown(deltas.text(chunk));
  }
  for (; begun < tool_calls.length; begun++) yield* shown(begin(begun));
}

const untimed = ({ text, tool_calls = [] }: Generation): TraceChunk[] => [
  ...(text ? [{ t_ms: 0, text, tokens: null }] : []),
  ...tool_calls.map((call, at): TraceChunk => {
    const { text: given } = calledWith(call);
    return { t_ms: 0, text: given, tokens: null, kind: 'tool', call: at };
  }),
];

const shown = (part: ChoicePart | undefined): ChoicePart[] => (part ? [part] : []);
