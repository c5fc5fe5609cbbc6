/** A call of a tool that the model made, in the shape of chat completions. */
type SentCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

/** A reasoning item of an earlier answer. */
type SentReasoning = { id: string; summary: string[]; encrypted_content?: string };

/** A message of a request, as far as the bodies of requests depend on it. */
export type SentMessage = {
  role: string;
  content: string;
  name?: string;
  tool_calls?: SentCall[];
  reasoning?: SentReasoning[];
  tool_call_id?: string;
};

type ChatMessage<M extends SentMessage> = Omit<M, 'content' | 'reasoning'> & { content: string | null };

/**
 * Messages as chat completions take them, which know no reasoning items. Messages of the assistant that only such an item
 * separates become one: answers of tools have to follow the calls.
 */
export const chatMessages = <M extends SentMessage>(messages: readonly M[]): ChatMessage<M>[] => {
  const joined: M[] = [];
  for (const message of messages) {
    const before = joined.at(-1);
    const isSameTurn =
      before?.role === 'assistant' && message.role === 'assistant' && (message.reasoning ?? []).length > 0;
    if (isSameTurn) joined[joined.length - 1] = joinedTurn(before, message);
    else joined.push(message);
  }
  return joined.map((message) => {
    // Beside calls of tools some servers refuse an empty text, and all take null.
    const isEmpty = message.content === '' && message.tool_calls !== undefined;
    const { reasoning: _, content, ...sent } = message;
    return { ...sent, content: isEmpty ? null : content };
  });
};

const joinedTurn = <M extends SentMessage>(before: M, after: M): M => {
  const calls = [...(before.tool_calls ?? []), ...(after.tool_calls ?? [])];
  return {
    ...after,
    ...before,
    content: before.content + after.content,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
};

/** A part of a conversation that the Responses API has an item for. */
export type ConversationPart =
  | { is: 'message'; role: string; text: string }
  | { is: 'reasoning'; reasoning: SentReasoning }
  | { is: 'call'; call: SentCall }
  | { is: 'output'; isOfCustom: boolean; callId: string; text: string };

/**
 * The parts of messages, in order: of a turn of the assistant its reasoning, its text and its calls. An empty text is a
 * part only where nothing else of the turn is.
 */
export const partsOf = (messages: readonly SentMessage[]): ConversationPart[] => {
  const custom = new Set<string>();
  return messages.flatMap((message): ConversationPart[] => {
    const {
      role,
      content: text,
      tool_calls: calls = [],
      reasoning = [],
      tool_call_id: callId = '',
    } = message;
    if (role === 'tool') return [{ is: 'output', isOfCustom: custom.has(callId), callId, text }];
    for (const call of calls) if (call.type === 'custom') custom.add(call.id);
    const hasText = text !== '' || (calls.length === 0 && reasoning.length === 0);
    return [
      ...reasoning.map((item) => ({ is: 'reasoning' as const, reasoning: item })),
      ...(hasText ? [{ is: 'message' as const, role, text }] : []),
      ...calls.map((call) => ({ is: 'call' as const, call })),
    ];
  });
};

export type InputItem = { type?: string; role?: string } & Record<string, unknown>;

/**
 * Messages as input items of the Responses API (https://platform.openai.com/docs/api-reference/responses/create). Names of
 * participants are left out, since its messages have none, and so are reasoning items without their encrypted content:
 * a server that stores nothing cannot know what they stand for.
 */
export const inputItems = (messages: readonly SentMessage[]): InputItem[] =>
  partsOf(messages).flatMap((part): InputItem[] => {
    if (part.is === 'message') return [{ role: part.role, content: part.text }];
    if (part.is === 'reasoning') return reasoningItem(part.reasoning);
    if (part.is === 'call') return [callItem(part.call)];
    const type = part.isOfCustom ? 'custom_tool_call_output' : 'function_call_output';
    return [{ type, call_id: part.callId, output: part.text }];
  });

const reasoningItem = ({ id, summary, encrypted_content }: SentReasoning): InputItem[] =>
  encrypted_content === undefined
    ? []
    : [
        {
          type: 'reasoning',
          id,
          summary: summary.map((text) => ({ type: 'summary_text', text })),
          encrypted_content,
        },
      ];

const callItem = (call: SentCall): InputItem =>
  call.type === 'custom'
    ? { type: 'custom_tool_call', call_id: call.id, name: call.custom.name, input: call.custom.input }
    : {
        type: 'function_call',
        call_id: call.id,
        name: call.function.name,
        arguments: call.function.arguments,
      };
