import { isObject } from '../json/value.ts';
import type { ToolCall } from '../runs/tool-call.ts';

// The functions that OpenAI's API had before tools (https://platform.openai.com/docs/api-reference/chat/create): a
// function is a tool of type function, a call has no id, and an answer has one call at most.

/** The tools that functions are. */
export const toolsOfFunctions = (functions: readonly object[]): object[] =>
  functions.map((described) => ({ type: 'function', function: described }));

/** The `tool_choice` that a `function_call` is. */
export const toolChoiceOf = (choice: string | object): string | object =>
  typeof choice === 'string' ? choice : { type: 'function', function: choice };

/** The `function_call` of an answer: its first call of a function. */
export const functionCallOf = (calls: readonly ToolCall[]): { name: string; arguments: string } | undefined =>
  calls.find((call) => call.type === 'function')?.function;

/** The finish reason as an answer with a `function_call` has it. */
export const functionFinish = (reason: string | null): string | null =>
  reason === 'tool_calls' ? 'function_call' : reason;

/** Messages with calls of functions as messages of tools: each call has an id made of its place, and so has its answer. */
export const withToolTurns = (messages: readonly unknown[]): unknown[] => {
  let id = 'call_unknown';
  return messages.map((message, at) => {
    if (!isObject(message)) return message;
    const { name, function_call, ...rest } = message;
    if (message.role === 'function')
      return { ...rest, role: 'tool', content: rest.content ?? '', tool_call_id: id };
    if (message.role !== 'assistant' || !isObject(function_call)) return message;
    id = `call_${at}`;
    return { ...rest, tool_calls: [{ id, type: 'function', function: function_call }] };
  });
};
