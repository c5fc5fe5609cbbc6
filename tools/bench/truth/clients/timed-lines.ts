/** The parts of a chat completion's chunk that the formulas use. */
type Chunk = {
  choices: { delta: { content?: string | null; reasoning_content?: string | null } }[];
  usage?: { completion_tokens: number } | null;
};

/**
 * A line of a stream that is not empty, at the instant its last byte was read: `tMs` after the request. A comment, such
 * as a keep-alive, starts with a colon and has no data.
 */
export type TimedLine =
  | { tMs: number; kind: 'chunk'; chunk: Chunk }
  | { tMs: number; kind: 'done' }
  | { tMs: number; kind: 'comment' };

/** One stream as a plain reader sees it; `endMs` is when the body ended. */
export type Reading = { lines: TimedLine[]; endMs: number };

/**
 * Makes a function that takes the parts of a body in order and returns the lines that each part completes, as a line
 * reader over HTTP does. Lines of one part share its instant.
 */
export const makeLineReader = (): ((bytes: Uint8Array, tMs: number) => TimedLine[]) => {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes, tMs) => {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    return parts.flatMap((part) => lineOf(part.trim(), tMs) ?? []);
  };
};

const DATA = 'data: ';

const lineOf = (line: string, tMs: number): TimedLine | undefined => {
  if (line === '') return undefined;
  if (line.startsWith(':')) return { tMs, kind: 'comment' };
  const data = line.slice(DATA.length);
  return data === '[DONE]' ? { tMs, kind: 'done' } : { tMs, kind: 'chunk', chunk: JSON.parse(data) };
};

/**
 * The reading of a tool that does not ask for usage (`stream_options`): without the event that has only the usage, which
 * a server sends when asked.
 */
export const withoutUsageEvent = ({ lines, endMs }: Reading): Reading => ({
  lines: lines.filter((line) => line.kind !== 'chunk' || line.chunk.choices.length > 0),
  endMs,
});
