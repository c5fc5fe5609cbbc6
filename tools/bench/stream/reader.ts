import type { Shape } from './answers.ts';
import type { Addresses } from './server-process.ts';

/** The rows of the table, in order, with what each does. */
export const READERS = {
  bytes: { name: 'bytes alone', does: 'fetch, the body read and thrown away: the limit' },
  parser: {
    name: 'fetch + eventsource-parser',
    does: 'each event parsed by JSON.parse, its text kept: the yardstick, 1.00',
  },
  openai: { name: 'openai SDK', does: "the usual loop over the SDK's stream, its text kept" },
  'ai-sdk': {
    name: 'Vercel AI SDK',
    does: 'streamText of `ai` with @ai-sdk/openai-compatible, its text kept',
  },
  langchain: { name: 'LangChain.js', does: 'stream of ChatOpenAI, its text kept' },
  everytoken: {
    name: 'everytoken',
    does: 'the generation as a run has it: read, each token timed, all figures, the record as it is stored',
  },
  runs: {
    name: 'everytoken, sent on by /runs',
    does: 'the same, and each token sent on as an event of POST /runs, by a request as in Lambda',
  },
  chat: {
    name: 'everytoken, sent on by /v1',
    does: 'the same, and each token sent on as an event of POST /v1/chat/completions',
  },
} as const;

export type ReaderName = keyof typeof READERS;

export const READER_NAMES = Object.keys(READERS) as ReaderName[];

/** The row that all others are compared with. */
export const YARDSTICK: ReaderName = 'parser';

const WITHOUT_RESPONSES: readonly ReaderName[] = ['ai-sdk', 'langchain'];

/** Whether a reader reads answers of this shape. */
export const reads = (reader: ReaderName, shape: Shape): boolean =>
  shape !== 'responses' || !WITHOUT_RESPONSES.includes(reader);

/**
 * Requests one answer and reads it to its end. Resolves to the UTF-16 units of its text, or of its call's arguments; null
 * for a reader that does not look at them.
 */
type Reader = (shape: Shape) => Promise<number | null>;

export type MakeReader = (addresses: Addresses) => Reader;

export const PROMPT = 'Explain vector databases in a technical manner.';

export const TOOL = {
  name: 'keep',
  description: 'Keeps a text.',
  parameters: {
    type: 'object' as const,
    properties: { text: { type: 'string' as const } },
    required: ['text'],
  },
};

/** The more that a request for a chat completion of this shape asks for. */
export const askedBy = (shape: Shape) => ({
  ...(shape === 'logprobs' && { logprobs: true, top_logprobs: 5 }),
  ...(shape === 'tools' && { tools: [{ type: 'function' as const, function: TOOL }] }),
});

/** Sends the request of this shape with `fetch` and resolves to the answer's body. @throws {Error} unless it is 200 */
export const bodyOf = async (
  { models }: Addresses,
  shape: Shape,
): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
  const isResponse = shape === 'responses';
  const asked = isResponse
    ? { input: PROMPT }
    : {
        messages: [{ role: 'user', content: PROMPT }],
        stream_options: {
          include_usage: true,
          ...(shape === 'usage' && { continuous_usage_stats: true }),
        },
        ...askedBy(shape),
      };
  const response = await fetch(`${models}/${isResponse ? 'responses' : 'chat/completions'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: JSON.stringify({ model: shape, stream: true, ...asked }),
  });
  if (!response.ok || !response.body) throw new Error(`the model server answered ${response.status}`);
  return response.body.getReader();
};
