import { type Random, seededRandom } from '../../../local/model/random.ts';
import { COMMENT, type EventMaker, eventMaker, responseEventMaker } from './sse-events.ts';

/** The server's behaviour in each scenario, as the table prints it. */
export const SCENARIOS = {
  steady: 'one token per tick, one token per event',
  bursts: 'eight events at once, then a pause of eight ticks',
  chunks: 'one to five tokens per event; logprobs give their number',
  split: 'each event in three writes, cut inside a multi-byte character if it has one',
  reasoning: 'as many hidden reasoning tokens before the text: counted in usage, never streamed',
  'slow-first': '400 ms to the first token',
  'slow-tail': '250 ms before the last token; finish and usage follow 100 ms apart',
  noise: 'role event 40 ms early; empty events, keep-alives and comments between the tokens',
} as const;

export type Scenario = keyof typeof SCENARIOS;

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as Scenario[];

export const isScenario = (name: unknown): name is Scenario =>
  typeof name === 'string' && Object.hasOwn(SCENARIOS, name);

/**
 * Bytes that are sent together, `dueMs` after the request arrived; `words` are the tokens of the event they complete.
 */
type PlannedWrite = { dueMs: number; bytes: Uint8Array; words: string[] };

export type StreamPlan = {
  writes: PlannedWrite[];
  text: string;
  visibleTokens: number;
  reasoningTokens: number;
};

/** `rate` is in tokens a second. The same `seed` gives the same plan. */
type PlanOptions = {
  tokens: number;
  rate: number;
  seed: number;
  id: string;
  /** Whether the stream is one of the Responses API; a chat completion's otherwise. */
  isResponse?: boolean;
};

type Line = { dueMs: number; sse: string; words?: string[] };
type Making = { words: string[]; tickMs: number; random: Random; event: EventMaker };
type Course = { lines: Line[]; finishMs: number; usageMs: number; reasoningTokens?: number };

const FIRST_MS = 50;
const BURST = 8;
const MOST_IN_A_CHUNK = 5;

const VOCABULARY =
  ' vectors| naïve| größer| 日本語| 🙂| index| and| the|…| café| nearest|,| points| search| graph| Ω| of| cosine| 👩‍🔬|.'.split(
    '|',
  );

/** All writes of one stream of a scenario, with the text and token counts they add up to. */
export const planStream = (
  scenario: Scenario,
  { tokens, rate, seed, id, isResponse = false }: PlanOptions,
): StreamPlan => {
  const random = seededRandom(seed);
  const words = Array.from(
    { length: tokens },
    () => VOCABULARY[Math.floor(random() * VOCABULARY.length)] ?? '',
  );
  const event = isResponse ? responseEventMaker(id, scenario) : eventMaker(id, scenario);
  const making: Making = { words, tickMs: 1000 / rate, random, event };
  const { lines, finishMs, usageMs, reasoningTokens = 0 } = COURSES[scenario](making);
  const all: Line[] = [
    ...lines,
    { dueMs: finishMs, sse: event.finish() },
    { dueMs: usageMs, sse: event.usage(tokens, reasoningTokens) },
    { dueMs: usageMs, sse: event.last() },
  ].filter(({ sse }) => sse !== '');
  return {
    writes: scenario === 'split' ? splitLines(all, making) : all.map(wholeLine),
    text: words.join(''),
    visibleTokens: tokens,
    reasoningTokens,
  };
};

const COURSES: Record<Scenario, (making: Making) => Course> = {
  steady: (making) => oneByOne(making, FIRST_MS),
  split: (making) => oneByOne(making, FIRST_MS),
  'slow-first': (making) => oneByOne(making, 400),
  reasoning: (making) => ({
    ...oneByOne(making, FIRST_MS + making.words.length * making.tickMs),
    reasoningTokens: making.words.length,
  }),
  bursts: (making) =>
    course(
      making,
      making.words.map((word, at) => ({
        dueMs: FIRST_MS + Math.floor(at / BURST) * BURST * making.tickMs,
        words: [word],
      })),
    ),
  chunks: (making) => {
    const groups: { dueMs: number; words: string[] }[] = [];
    for (let at = 0; at < making.words.length; ) {
      const words = making.words.slice(at, at + 1 + Math.floor(making.random() * MOST_IN_A_CHUNK));
      groups.push({ dueMs: FIRST_MS + at * making.tickMs, words });
      at += words.length;
    }
    return course(making, groups, true);
  },
  'slow-tail': (making) => {
    const { lines, finishMs } = oneByOne(making, FIRST_MS);
    const lateMs = finishMs - making.tickMs + 250;
    return {
      lines: lines.map((line, at) => (at === lines.length - 1 ? { ...line, dueMs: lateMs } : line)),
      finishMs: lateMs + 100,
      usageMs: lateMs + 200,
    };
  },
  noise: (making) => {
    const { event, tickMs } = making;
    const { lines, ...rest } = oneByOne(making, FIRST_MS);
    const between = (dueMs: number, at: number): Line[] =>
      [
        [{ dueMs, sse: event.empty() }],
        [{ dueMs, sse: COMMENT }],
        [
          { dueMs, sse: ':\n\n' },
          { dueMs, sse: event.noDelta() },
        ],
      ][at % 3] ?? [];
    const [, ...payloads] = lines;
    return {
      ...rest,
      lines: [
        { dueMs: FIRST_MS - 40, sse: event.role() },
        ...payloads.flatMap((line, at) => [...between(line.dueMs - tickMs / 2, at), line]),
      ],
    };
  },
};

const oneByOne = (making: Making, firstMs: number): Course =>
  course(
    making,
    making.words.map((word, at) => ({ dueMs: firstMs + at * making.tickMs, words: [word] })),
  );

const course = (
  { event }: Making,
  groups: { dueMs: number; words: string[] }[],
  withLogprobs = false,
): Course => {
  const firstMs = groups[0]?.dueMs ?? FIRST_MS;
  const lastMs = groups.at(-1)?.dueMs ?? FIRST_MS;
  return {
    lines: [
      { dueMs: firstMs, sse: event.role() },
      ...groups.map((group) => ({ ...group, sse: event.content(group.words, withLogprobs) })),
    ],
    finishMs: lastMs,
    usageMs: lastMs,
  };
};

const wholeLine = ({ dueMs, sse, words = [] }: Line): PlannedWrite => ({
  dueMs,
  bytes: Buffer.from(sse),
  words,
});

/** Splits events into parts that are sent one after another; an event starts after the last part of the one before. */
const splitLines = (lines: Line[], { tickMs, random }: Making): PlannedWrite[] => {
  const apartMs = Math.min(2, tickMs / 4);
  let freeMs = 0;
  return lines.flatMap(({ dueMs, sse, words = [] }) => {
    const parts = splitEvent(Buffer.from(sse), random);
    const fromMs = Math.max(dueMs, freeMs);
    freeMs = fromMs + parts.length * apartMs;
    return parts.map((bytes, at) => ({
      dueMs: fromMs + at * apartMs,
      bytes,
      words: at === parts.length - 1 ? words : [],
    }));
  });
};

/**
 * Splits an event's bytes into three parts, none of them empty. One cut is inside a multi-byte character if the event
 * has one. Fewer than three bytes stay whole.
 */
export const splitEvent = (bytes: Uint8Array, random: Random): Uint8Array[] => {
  if (bytes.length < 3) return [bytes];
  const inside = [...bytes.keys()].filter((at) => at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80);
  const anywhere = () => 1 + Math.floor(random() * (bytes.length - 1));
  const first = inside[Math.floor(random() * inside.length)] ?? anywhere();
  let second = anywhere();
  while (second === first) second = anywhere();
  const [from, to] = first < second ? [first, second] : [second, first];
  return [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
};
