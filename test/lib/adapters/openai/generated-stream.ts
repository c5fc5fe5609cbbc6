import fc from 'fast-check';
import type { TraceChunk } from '../../../../lib/runs/generation.ts';

/** A part of a server's stream: a payload of some kind, or an event or line without payload. */
type Piece =
  | { kind: 'content' | 'reasoning' | 'reasoning_content' | 'refusal' | 'tool'; text: string; tokens: number }
  | { kind: 'role' | 'empty' | 'null' | 'usage_only' | 'comment' | 'field' };

/** How the server reports the tokens of a chunk. */
type Counting = 'none' | 'usage' | 'logprobs';

/** A generated stream as bytes, event by event, with the expected result of its reader. */
export type GeneratedStream = {
  /** The last two are the finish and, if there is one, the usage; `[DONE]` follows. */
  events: { bytes: Buffer; isData: boolean; chunk: Omit<TraceChunk, 't_ms' | 'logprobs'> | undefined }[];
  text: string;
  /** By the last event with usage; null if there is none. */
  completionTokens: number | null;
  hasUsage: boolean;
  eol: string;
};

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const payload = fc.record({
  kind: fc.constantFrom<'content'[]>('content', 'content', 'content'),
  text,
  tokens: fc.integer({ min: 1, max: 5 }),
});
const otherPayload = fc.record({
  kind: fc.constantFrom('reasoning', 'reasoning_content', 'refusal', 'tool'),
  text,
  tokens: fc.integer({ min: 1, max: 5 }),
});
const idle = fc.record({
  kind: fc.constantFrom('role', 'empty', 'null', 'usage_only', 'comment', 'field'),
});
const piece: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 4, arbitrary: payload },
  { weight: 2, arbitrary: otherPayload },
  { weight: 2, arbitrary: idle },
);

export const generatedStream = ({
  usage = fc.boolean(),
}: {
  usage?: fc.Arbitrary<boolean>;
} = {}): fc.Arbitrary<GeneratedStream> =>
  fc
    .record({
      pieces: fc.array(piece, { maxLength: 8 }),
      eol: fc.constantFrom('\n', '\r\n'),
      counting: fc.constantFrom<Counting[]>('none', 'usage', 'logprobs'),
      hasUsage: usage,
    })
    .map(({ pieces, eol, counting, hasUsage }) => streamOf(pieces, eol, counting, hasUsage));

const DELTA_FIELD = {
  content: 'content',
  reasoning: 'reasoning',
  reasoning_content: 'reasoning_content',
  refusal: 'refusal',
} as const;

const isChunk = ({ kind }: Piece): boolean => kind !== 'comment' && kind !== 'field';

const streamOf = (pieces: Piece[], eol: string, counting: Counting, hasUsage: boolean): GeneratedStream => {
  let sofar = 0;
  const data = (fields: object): Buffer =>
    Buffer.from(`data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'answering', ...fields })}${eol}${eol}`);
  const running = () => (counting === 'usage' ? { usage: { completion_tokens: sofar } } : {});
  const choice = (delta: object, rest: object = {}): Buffer =>
    data({ choices: [{ index: 0, delta, finish_reason: null, ...rest }], ...running() });

  const events = pieces.map((one): GeneratedStream['events'][number] => {
    const without = (bytes: Buffer, isData = true) => ({ bytes, isData, chunk: undefined });
    switch (one.kind) {
      case 'comment':
        return without(Buffer.from(`: keep-alive${eol}${eol}`), false);
      case 'field':
        return without(Buffer.from(`retry: 10${eol}id: 4${eol}${eol}`), false);
      case 'usage_only':
        return without(data({ choices: [], ...running() }));
      case 'role':
        return without(choice({ role: 'assistant', content: '' }));
      case 'empty':
        return without(choice({ content: '', reasoning: '', refusal: '', tool_calls: [] }));
      case 'null':
        return without(choice({ content: null, reasoning_content: null }));
      default: {
        sofar += one.tokens;
        const shown = one.kind === 'content' || one.kind === 'refusal';
        const entries = Array.from({ length: one.tokens }, () => ({ token: 't', logprob: -1 }));
        const logprobs = counting === 'logprobs' && shown ? { logprobs: { [one.kind]: entries } } : {};
        const delta =
          one.kind === 'tool'
            ? { tool_calls: [{ index: 0, function: { arguments: one.text } }] }
            : { [DELTA_FIELD[one.kind]]: one.text };
        const isCounted = counting === 'usage' || (counting === 'logprobs' && shown);
        const kind = one.kind === 'reasoning_content' ? 'reasoning' : one.kind;
        return {
          bytes: choice(delta, logprobs),
          isData: true,
          chunk: {
            text: one.text,
            tokens: isCounted ? one.tokens : null,
            ...(kind === 'content' ? {} : { kind }),
            ...(kind === 'tool' && { call: 0 }),
          },
        };
      }
    }
  });
  const finish = data({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  events.push({ bytes: finish, isData: true, chunk: undefined });
  if (hasUsage) {
    const bytes = data({ choices: [], usage: { prompt_tokens: 9, completion_tokens: sofar } });
    events.push({ bytes, isData: true, chunk: undefined });
  }
  return {
    events,
    eol,
    text: pieces.map((one) => (one.kind === 'content' ? one.text : '')).join(''),
    completionTokens: hasUsage || (counting === 'usage' && pieces.some(isChunk)) ? sofar : null,
    hasUsage,
  };
};

/** The bytes of a whole stream. */
export const bytesOf = ({ events, eol }: Pick<GeneratedStream, 'events' | 'eol'>): Buffer =>
  Buffer.concat([...events.map(({ bytes }) => bytes), Buffer.from(`data: [DONE]${eol}${eol}`)]);

/** Splits bytes at any positions, which may coincide. */
export const cutAt = (bytes: Buffer, positions: readonly number[]): Buffer[] => {
  const at = [0, ...positions.map((position) => position % (bytes.length + 1)), bytes.length];
  const sorted = at.toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
};
