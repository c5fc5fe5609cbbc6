import type { CallOptions, Everytoken, Generation, Run } from '../../client/index.ts';
import { calledWith, type ToolCall } from '../../lib/runs/tool-call.ts';

/** The outputs of a run, whole: those that the answer left out because of their size are read by themselves. */
export const wholeOutputs = (
  client: Everytoken,
  { id, generations }: Pick<Run, 'id' | 'generations'>,
  options: CallOptions,
): Promise<Generation[]> =>
  Promise.all(
    generations.map((generation) =>
      generation.left_out === undefined ? generation : client.runs.generation(id, generation.index, options),
    ),
  );

/** The text of an output with its calls of tools below, as `name(arguments)`. It is untrusted. */
export const outputText = ({ text, tool_calls = [] }: Pick<Generation, 'text' | 'tool_calls'>): string =>
  [text ?? '', ...tool_calls.map(callText)].filter((part) => part !== '').join('\n');

const callText = (call: NonNullable<Generation['tool_calls']>[number]): string => {
  const { name, text } = calledWith(call as unknown as ToolCall);
  return `${name}(${text})`;
};

/** The name of the tool that a call of an output is for. */
export const toolNameOf = ({ tool_calls = [] }: Pick<Generation, 'tool_calls'>, call = 0): string => {
  const called = tool_calls[call];
  return called === undefined ? '' : calledWith(called as unknown as ToolCall).name;
};

/** How an output is named beside others of its run: its label, and its number among several samples. */
export const titleOf = ({ label, sample }: Pick<Generation, 'label' | 'sample'>, samples: number): string =>
  samples > 1 ? `${label} #${sample + 1}` : label;

/** The number of samples of a setting. */
export const samplesIn = ({ generations }: Pick<Run, 'generations'>): number =>
  1 + Math.max(0, ...generations.map(({ sample }) => sample));
