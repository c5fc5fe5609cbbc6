import { isObject } from '../../json/value.ts';
import type { TraceChunk, Usage } from '../../runs/generation.ts';
import { readTokenLogprobs, type TokenLogprob } from '../../runs/token-logprobs.ts';

/** A choice of a chunk or of a whole completion. */
export type Choice = {
  index?: unknown;
  finish_reason?: unknown;
  logprobs?: {
    content?: unknown[] | null;
    refusal?: unknown[] | null;
    /** Of a completion of a prompt: lists side by side. */
    tokens?: unknown;
    token_logprobs?: unknown;
    top_logprobs?: unknown;
  } | null;
  delta?: unknown;
  message?: unknown;
  text?: unknown;
  error?: unknown;
  usage?: unknown;
};

/** A chat completion chunk. Servers differ, so any field may be missing or of another type. */
export type StreamEvent = {
  id?: unknown;
  object?: unknown;
  model?: unknown;
  usage?: unknown;
  choices?: unknown;
  x_groq?: { usage?: unknown } | null;
};

/** Token counts as servers send them. */
export type UsageObject = {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown } | null;
  completion_tokens_details?: { reasoning_tokens?: unknown } | null;
};

/** The value if it is a string, else ''. */
export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const MAX_NAME_CHARS = 256;

/** An id, a name or a finish reason: well-formed and cut to 256 characters, which none of them needs; '' if none. */
export const nameOf = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME_CHARS).toWellFormed() : '';

/** The choices of an event: a list, or, from some servers, an object, itself the choice or with it under `0`. */
export const choicesOf = (choices: unknown): Choice[] => {
  if (Array.isArray(choices)) return choices.every(isObject) ? choices : choices.filter(isObject);
  return isObject(choices) ? [choices['0'] ?? choices].filter(isObject) : [];
};

/** The usage of an event: at its usual place, or where Moonshot (`choices[0]`) and Groq (`x_groq`) put it. */
export const usageIn = (event: StreamEvent, choice: Choice | undefined): UsageObject | undefined => {
  const usage = event.usage ?? choice?.usage ?? event.x_groq?.usage;
  return isObject(usage) ? usage : undefined;
};

/** The counts of the prompt, and of the output if given. A count that is missing or invalid is null. */
export const usageOf = (prompt: UsageObject | undefined, output: UsageObject | undefined): Usage => ({
  prompt_tokens: countOf(prompt?.prompt_tokens),
  completion_tokens: countOf(output?.completion_tokens),
  reasoning_tokens: countOf(output?.completion_tokens_details?.reasoning_tokens),
  cached_tokens: countOf(prompt?.prompt_tokens_details?.cached_tokens),
});

/** A count of tokens: a whole number of at least 0, small enough to be stored; null for anything else. */
export const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

type CountedTokens = { tokens: number | null; logprobs?: TokenLogprob[] };

/** Upper bound of the alternatives that one output keeps, of all its tokens: about 2.5 MB as they are stored. */
export const MAX_ALTERNATIVES = 100_000;

/**
 * Counts the tokens of each chunk, from the log probabilities (one entry for each token) or else from a running usage
 * in every event. Null when the server sends neither; a chunk never counts as one token. Tokens of an event without
 * text, such as half a character, count towards the next chunk.
 */
export const makeTokenCounter = () => {
  let waiting: TokenLogprob[] = [];
  let alternatives = 0;
  let hasDropped = false;
  let counted: number | null = 0;
  let sawReasoning = false;

  const byUsage = (usage: UsageObject | undefined): number | null => {
    const total = usage?.completion_tokens;
    if (typeof total !== 'number' || !Number.isSafeInteger(total)) {
      counted = null;
      return null;
    }
    const hidden = sawReasoning ? 0 : (countOf(usage?.completion_tokens_details?.reasoning_tokens) ?? 0);
    const before = counted;
    counted = total - hidden;
    return before !== null && counted > before ? counted - before : null;
  };

  /** The entries of a choice. Beyond the upper bound tokens keep their own probabilities alone. */
  const logprobsOf = (choice: Choice, kind: TraceChunk['kind']): TokenLogprob[] | undefined => {
    const entries = entriesOf(choice, kind);
    if (entries === undefined) return undefined;
    return readTokenLogprobs(entries).map((entry) => {
      alternatives += entry.top_logprobs.length;
      if (alternatives <= MAX_ALTERNATIVES || entry.top_logprobs.length === 0) return entry;
      hasDropped = true;
      return { ...entry, top_logprobs: [] };
    });
  };

  return {
    /** Whether alternatives were left out, since there were too many. */
    get hasDropped() {
      return hasDropped;
    },
    /** Tokens of one payload. Null when its event has several payloads (`alone` false), as their shares are unknown. */
    count(
      choice: Choice,
      usage: UsageObject | undefined,
      kind: TraceChunk['kind'],
      alone: boolean,
    ): CountedTokens {
      if (kind === 'reasoning') sawReasoning = true;
      const running = byUsage(usage);
      const own = logprobsOf(choice, kind);
      if (!alone) return { tokens: null };
      if (own === undefined) return { tokens: running };
      const logprobs = waiting.length === 0 ? own : [...waiting, ...own];
      waiting = [];
      return { tokens: logprobs.length, logprobs };
    },
    /** Takes a choice without a payload into account. */
    skip(choice: Choice): void {
      const own = logprobsOf(choice, undefined);
      if (own !== undefined) waiting = [...waiting, ...own];
    },
  };
};

const entriesOf = ({ logprobs }: Choice, kind: TraceChunk['kind']): unknown[] | undefined => {
  if (!logprobs || kind === 'reasoning' || kind === 'tool') return undefined;
  const entries = kind === 'refusal' ? logprobs.refusal : (logprobs.content ?? besideEachOther(logprobs));
  return Array.isArray(entries) && entries.length > 0 ? entries : undefined;
};

/** The log probabilities of a completion of a prompt, as entries like those of a chat completion. */
const besideEachOther = ({
  tokens,
  token_logprobs: own,
  top_logprobs: top,
}: NonNullable<Choice['logprobs']>): unknown[] | undefined =>
  Array.isArray(tokens)
    ? tokens.map((token, at) => ({
        token,
        logprob: Array.isArray(own) ? own[at] : null,
        top_logprobs: alternativesOf(Array.isArray(top) ? top[at] : undefined),
      }))
    : undefined;

/** The most probable first, as chat completions have them. */
const alternativesOf = (top: unknown): object[] =>
  isObject(top)
    ? Object.entries(top)
        .map(([token, logprob]) => ({ token, logprob }))
        .sort((a, b) => Number(b.logprob) - Number(a.logprob))
    : [];
