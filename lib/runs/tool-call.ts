/**
 * A call of a tool that a model asks for, in the shape of OpenAI's chat completions. everytoken passes it on and never
 * executes it. `arguments` and `input` are as the model wrote them, which need not be valid.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export type ToolCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

/** A call that has begun: its place among the calls of its output, and the tool that it is for. */
export type BegunCall = { call: number; id: string; type: ToolCall['type']; name: string };

/** The name of the tool and the text that the model wrote for it: arguments, or the input of a custom tool. */
export const calledWith = (call: ToolCall): { name: string; text: string } =>
  call.type === 'custom'
    ? { name: call.custom.name, text: call.custom.input }
    : { name: call.function.name, text: call.function.arguments };

/** Makes a call of its parts. */
export const makeToolCall = ({
  id,
  type,
  name,
  text,
}: {
  id: string;
  type: ToolCall['type'];
  name: string;
  text: string;
}): ToolCall =>
  type === 'custom'
    ? { id, type, custom: { name, input: text } }
    : { id, type, function: { name, arguments: text } };
