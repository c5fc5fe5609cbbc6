import type { InputIssue } from '../../errors.ts';
import type { Message } from '../../runs/request.ts';
import type { Origins } from './message-paths.ts';

/** A message with the outputs of its calls. */
type Turn = { message: Message; outputs: Message[] };

/**
 * Puts the outputs of calls directly after the message with the calls, in their order, where model servers need them:
 * a client may send a message between the two. A call without an output and an output without a call are issues, in the
 * words of OpenAI's API, since its servers refuse both; `origins` has the items to name.
 *
 * @example
 * placeOutputs([calls('a'), user('Well?'), output('a')], origins).messages
 * // [calls('a'), output('a'), user('Well?')]
 */
export const placeOutputs = (
  messages: readonly Message[],
  origins: Origins,
): { messages: Message[]; issues: InputIssue[] } => {
  const turns: Turn[] = [];
  /** The last turn that has a call of this id. */
  const turnOfCall = new Map<string, Turn>();
  const issues: InputIssue[] = [];
  for (const message of messages) {
    const { role, tool_call_id: id = '', tool_calls = [] } = message;
    const called = role === 'tool' ? turnOfCall.get(id) : undefined;
    if (role === 'tool' && !called) {
      const path = `${origins.get(message)?.item ?? 'input'}.call_id`;
      issues.push({
        path,
        message: `No tool call found for function call output with call_id ${shown(id)}`,
      });
    }
    if (called) called.outputs.push(message);
    else {
      const turn = { message, outputs: [] };
      turns.push(turn);
      for (const call of tool_calls) turnOfCall.set(call.id, turn);
    }
  }
  for (const { message, outputs } of turns) {
    const answered = new Set(outputs.map(({ tool_call_id }) => tool_call_id));
    for (const [at, { id }] of (message.tool_calls ?? []).entries())
      if (!answered.has(id)) {
        const path = origins.get(message)?.calls[at] ?? 'input';
        issues.push({ path, message: `No tool output found for function call ${shown(id)}` });
      }
  }
  return { messages: turns.flatMap(({ message, outputs }) => [message, ...outputs]), issues };
};

const shown = (id: string): string => id.slice(0, 80).toWellFormed();
