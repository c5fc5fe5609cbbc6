import type { Outside } from '../local/start-stack.ts';

/** Ctrl-C has three seconds to end everything: what is not closed by then ends with this process. */
const CLOSE_LIMIT_MS = 2_500;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const HIDDEN_EVENTS = new Set(['metrics.continued', 'environment.started']);
const OMITTED_FIELDS = new Set(['time', 'level', 'event', 'function', 'request_id', 'trace_id', 'trace_ids']);

/** One line a part: whose it is, the user's own with its address, or this machine's. */
export const serviceLines = ({ openai, embeddings, pinecone, aws }: Outside): string[] => [
  `model        ${openai ?? 'local n-gram model (everytoken-ngram), not an LLM'}`,
  `embeddings   ${embeddings ?? (openai ? `${openai}, or local where it has none` : 'local sentence encoder (everytoken-use)')}`,
  `pinecone     ${pinecone ?? 'local, exact cosine'}`,
  `aws          ${aws.length > 0 ? `${aws.join(', ')}; the rest local` : 'local'}`,
];

/** What the demo runs on, first of all; with services of the user's own, which they are, before they cost anything. */
export const demoHeadline = (outside: Outside, pace: number): string[] => {
  const { openai, embeddings, pinecone, aws } = outside;
  const local = `local n-gram model, not an LLM · ${pace === 0 ? 'unpaced' : `pace simulated at ${pace} tokens/s`}`;
  const first = `everytoken demo · ${openai === undefined ? local : `model at ${hostOf(openai)}`}`;
  const isAllLocal = [openai, embeddings, pinecone, ...aws].every((service) => service === undefined);
  if (isAllLocal) return [first];
  return [
    first,
    ...serviceLines(outside),
    'What is not local is your own service: it may charge you for some 20 short texts, and what is stored there stays.',
  ];
};

/** An address can hold a password. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

/**
 * A line that a function printed on the local stack (`{name}: {json}`) as a person reads it: when, where, what, about
 * what; without metrics, traces and requests. Undefined for lines that hold nothing but these; any other line as it is.
 */
export const formatLogLine = (line: string): string | undefined => {
  const logged = parse(line);
  if (!logged) return line;
  const { time, level, event, function: name } = logged;
  if (HIDDEN_EVENTS.has(String(event))) return undefined;
  const fields = Object.entries(logged)
    .filter(([key]) => !OMITTED_FIELDS.has(key) && !key.startsWith('_') && !key.includes('.'))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  const mark = level === 'info' ? [] : [String(level).toUpperCase()];
  return [String(time).slice(11, 19), name, event, ...mark, ...fields].join('  ');
};

const parse = (line: string): Record<string, unknown> | undefined => {
  const start = line.indexOf(': {');
  if (start < 0) return undefined;
  try {
    const value = JSON.parse(line.slice(start + 2)) as Record<string, unknown>;
    return typeof value.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};

type Ending = {
  /** Whether the end was asked for; what fails from then on fails because of it. */
  asked: () => boolean;
  /** Closes everything once and ends the process with `status`. */
  end: (status: number) => Promise<void>;
};

/**
 * Ends the process on Ctrl-C and the like: `close` first, for 2.5 s at most; a second signal does not wait. The exit
 * status is the one shells give to that signal, unless `status` is given.
 */
export const endOnSignal = (close: () => Promise<unknown>, status?: number): Ending => {
  let asked = false;
  const end = async (code: number) => {
    if (asked) process.exit(code);
    asked = true;
    setTimeout(() => process.exit(code), CLOSE_LIMIT_MS);
    await close().catch(() => {});
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void end(status ?? code));
  return { asked: () => asked, end };
};
