import type { Outside } from '../local/start-stack.ts';
import { visible } from '../local/visible.ts';

/** Ctrl-C must end everything within three seconds. Parts that are not closed by then end with this process. */
const CLOSE_LIMIT_MS = 2_500;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const HIDDEN_EVENTS = new Set(['metrics.continued', 'environment.started']);
const OMITTED_FIELDS = new Set(['time', 'level', 'event', 'function', 'request_id', 'trace_id', 'trace_ids']);

/** One line per part: the address of the user's own service, or a note that the part is local. */
export const serviceLines = ({ openai, embeddings, pinecone, aws }: Outside): string[] => [
  `model        ${openai ?? 'local n-gram model (everytoken-ngram), not an LLM'}`,
  `embeddings   ${embeddings ?? (openai ? `${openai}, or local where it has none` : 'local sentence encoder (everytoken-use)')}`,
  `pinecone     ${pinecone ?? 'local, exact cosine'}`,
  `aws          ${aws.length > 0 ? `${aws.join(', ')}; the rest local` : 'local'}`,
];

/** The demo's first lines. If it uses services of the user's own, they are named before they can cost anything. */
export const demoHeadline = (outside: Outside, pace: number): string[] => {
  const { openai, embeddings, pinecone, aws } = outside;
  const local = `local n-gram model, not an LLM · ${pace === 0 ? 'unpaced' : `pace simulated at ${pace} tokens/s`}`;
  const first = `everytoken demo · ${openai === undefined ? local : `model at ${hostOf(openai)}`}`;
  const isAllLocal = [openai, embeddings, pinecone, ...aws].every((service) => service === undefined);
  if (isAllLocal) return [first];
  return [
    first,
    ...serviceLines(outside),
    "Services that are not local are your own: they may charge you for some 20 short texts, and keep the demo's data.",
  ];
};

/** Shows only the host: a URL can contain a password. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

/**
 * Formats a log line of a local function (`{name}: {json}`) for a person: time, function, event, fields. It leaves out
 * metrics, traces and request ids, and escapes control characters. Undefined for lines of nothing else; other formats are returned unchanged.
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
  return visible([String(time).slice(11, 19), name, event, ...mark, ...fields].join('  '));
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
  /** Whether the end was requested. Later failures are its consequence and need no report. */
  isRequested: () => boolean;
  /** Closes everything once and ends the process with `status`. */
  end: (status: number) => Promise<void>;
};

/**
 * Ends the process on SIGINT, SIGTERM or SIGHUP, after `close` or 2.5 s; a second signal ends it at once. The exit
 * status is `status` if given, else 128 plus the signal's number, as in shells.
 */
export const endOnSignal = (close: () => Promise<unknown>, status?: number): Ending => {
  let isRequested = false;
  const end = async (code: number) => {
    if (isRequested) process.exit(code);
    isRequested = true;
    setTimeout(() => process.exit(code), CLOSE_LIMIT_MS);
    await close().catch(() => {});
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void end(status ?? code));
  return { isRequested: () => isRequested, end };
};
