import type { Vocabulary } from '../vocabulary.ts';
import type { Items, Least, Members, Part } from './parts.ts';
import type { Scanner } from './scanner.ts';

/** The texts that may be written: those of the parts, one after the other, in tokens of the vocabulary. */
export type Grammar = { parts: readonly Part[]; least: Least; vocabulary: Vocabulary };

/** The parts that are left, the innermost first; their fewest tokens; and the number of references that they are in. */
type Stack = {
  parts: readonly Part[];
  at: number;
  outer: Stack | undefined;
  least: number;
  references: number;
};

/** One of the ways to read the tokens so far, and the probability of it before the next token. */
type Thread = { scanner: Scanner; state: unknown; rest: Stack | undefined; weight: number };

/** One of the ways that a part expands into, and its probability. */
type Way = { share: number; parts: readonly Part[] };

/** The way of one text through a grammar. */
export type Walk = {
  /** The only id that may follow, if there is only one. */
  forced(): number | undefined;
  /** Fills `out` with the probabilities of the tokens that may follow, by those of the n-gram. They sum to 1. */
  weigh(ngram: Float64Array, out: Float64Array): void;
  /** Takes one of the tokens that may follow. Returns whether the n-gram goes on from it. */
  take(id: number): 'prose' | 'punctuation';
  /** Whether the text is complete, so that no token may follow. */
  isComplete(): boolean;
};

/** A text has about so many tokens more than the shortest one, at most. */
const SOFT_TOKENS = 400;
/** Within so many references, the root's included, branches, items and optional members are the fewest. */
const SOFT_REFERENCES = 3;

const FIRST_ITEM = 0.9;
const NEXT_ITEM = 0.45;

/** The share of an optional member. Less likely ways than `LEAST_WEIGHT` are left out. */
const OPTIONAL = 0.6;
const LEAST_WEIGHT = 1e-4;

/** So many ways to read a text are followed; the less likely ones are dropped. */
const MAX_THREADS = 64;
/** Before a token so many parts are expanded in all their ways, and any further one in its first way alone. */
const MAX_EXPANDED = 20_000;

const nextItem = (items: Items): Items => ({
  ...items,
  min: Math.max(0, items.min - 1),
  max: items.max - 1,
  first: items.further,
  empty: items.close,
});

/** Another item, or the end of the array. */
const waysOfItems = (items: Items, least: Least, room: number): Way[] => {
  const again = [...items.first, nextItem(items)];
  if (items.min > 0) return [{ share: 1, parts: again }];
  if (items.max === 0 || least(items.first) > room) return [{ share: 1, parts: items.empty }];
  const share = items.empty === items.close ? NEXT_ITEM : FIRST_ITEM;
  return [
    { share, parts: again },
    { share: 1 - share, parts: items.empty },
  ];
};

/** Each member up to the next that is required, or the end of the object. */
const waysOfMembers = (object: Members, least: Least, room: number): Way[] => {
  const { members, empty, close } = object;
  const isStart = empty !== close;
  const ways: Way[] = [];
  let left = 1;
  for (let at = object.at; at < members.length && left > 0; at++) {
    const member = members[at];
    if (member === undefined || (!member.isRequired && least(member.further) > room)) continue;
    const share = member.isRequired || left < LEAST_WEIGHT ? 1 : OPTIONAL;
    const others: Members = { ...object, at: at + 1, empty: close };
    ways.push({ share: left * share, parts: [...(isStart ? member.first : member.further), others] });
    left *= 1 - share;
  }
  return left === 0 ? ways : [...ways, { share: left, parts: empty }];
};

/** The branches that are at most `room` tokens longer than the shortest one: that one at least. */
const waysOfChoice = (branches: readonly Part[][], least: Least, room: number): Way[] => {
  const shortest = Math.min(...branches.map(least));
  const fitting = branches.filter((branch) => least(branch) - shortest <= Math.max(0, room));
  return fitting.map((parts) => ({ share: 1 / fitting.length, parts }));
};

/**
 * Follows a text through a grammar, token by token. Where several readings are possible, each has its probability, and
 * a token's probability is the sum over the readings.
 */
export const walk = ({ parts, least, vocabulary: { end } }: Grammar): Walk => {
  let threads: Thread[] = [];
  /** The probability that the text ends here. */
  let ending = 0;
  let taken = 0;
  let expanded = 0;
  const limit = least(parts) + SOFT_TOKENS;

  /** The tokens that a text may have beyond the fewest that are left. */
  const roomIn = (stack: Stack | undefined): number => limit - taken - (stack?.least ?? 0);

  const enter = (thread: Thread): void => {
    const { scanner, state, rest, weight } = thread;
    const leaving = scanner.leaving(state, roomIn(rest) <= 0);
    if (leaving < 1) threads.push({ ...thread, weight: weight * (1 - leaving) });
    expand(rest, weight * leaving);
  };

  const waysOf = (part: Part, room: number): Way[] => {
    switch (part.kind) {
      case 'reference':
        return [{ share: 1, parts: part.rule.parts }];
      case 'choice':
        return waysOfChoice(part.branches, least, room);
      case 'items':
        return waysOfItems(part, least, room);
      case 'members':
        return waysOfMembers(part, least, room);
      case 'scanner':
        return [];
    }
  };

  /** Expands what comes next until each way begins with a scanner, and adds these ways to the threads. */
  const expand = (stack: Stack | undefined, weight: number): void => {
    if (weight === 0) return;
    const part = stack?.parts[stack.at];
    if (stack === undefined || part === undefined) {
      ending += weight;
      return;
    }
    const isLast = stack.at + 1 === stack.parts.length;
    const left = stack.least - least([part]);
    const outer = isLast ? stack.outer : { ...stack, at: stack.at + 1, least: left };
    if (part.kind === 'scanner') {
      enter({ scanner: part.scanner, state: part.scanner.start, rest: outer, weight });
      return;
    }
    const references = stack.references + (part.kind === 'reference' ? 1 : 0);
    const room = references > SOFT_REFERENCES ? 0 : roomIn(stack);
    const ways = waysOf(part, room);
    expanded += 1;
    // Choices that follow one another have exponentially many ways in all.
    for (const { share, parts: way } of expanded > MAX_EXPANDED ? ways.slice(0, 1) : ways)
      expand({ parts: way, at: 0, outer, least: left + least(way), references }, weight * share);
  };

  /** The likeliest threads, with the probabilities of all ways scaled to a sum of 1. */
  const settle = (): void => {
    expanded = 0;
    if (threads.length > MAX_THREADS)
      threads = threads.toSorted((a, b) => b.weight - a.weight).slice(0, MAX_THREADS);
    const sum = threads.reduce((total, { weight }) => total + weight, ending);
    threads = threads.map((thread) => ({ ...thread, weight: thread.weight / sum }));
    ending /= sum;
  };

  expand({ parts, at: 0, outer: undefined, least: least(parts), references: 0 }, 1);
  settle();
  let chances = new Map<Thread, (id: number) => number>();
  return {
    forced() {
      const [only] = threads;
      if (only === undefined || threads.length > 1 || ending > 0) return undefined;
      const tokens = only.scanner.tokens(only.state);
      return tokens.length === 1 ? tokens[0] : undefined;
    },
    weigh(ngram, out) {
      out.fill(0);
      out[end] = ending;
      chances = new Map(threads.map((thread) => [thread, chanceIn(thread, ngram)]));
      for (const [{ scanner, state }, chance] of chances)
        for (const id of scanner.tokens(state)) out[id] = (out[id] ?? 0) + chance(id);
    },
    take(id) {
      const before = threads;
      threads = [];
      ending = 0;
      taken += 1;
      let isProse = false;
      for (const thread of before) {
        const state = thread.scanner.next(thread.state, id);
        if (state === undefined) continue;
        isProse ||= thread.scanner.isProse;
        enter({ ...thread, state, weight: before.length === 1 ? 1 : (chances.get(thread)?.(id) ?? 0) });
      }
      settle();
      return isProse ? 'prose' : 'punctuation';
    },
    isComplete: () => threads.length === 0,
  };
};

/** The probability of a thread and of a token that may follow in it, by the n-gram's share among those tokens. */
const chanceIn = ({ scanner, state, weight }: Thread, ngram: Float64Array): ((id: number) => number) => {
  const tokens = scanner.tokens(state);
  let sum = 0;
  for (const id of tokens) sum += (ngram[id] ?? 0) + scanner.floor;
  if (sum === 0) return () => weight / tokens.length;
  return (id) => (weight * ((ngram[id] ?? 0) + scanner.floor)) / sum;
};
