/**
 * A part of a text that consumes tokens one by one, in immutable states. A scanner is the same for all texts; the state
 * says how far one text has come.
 */
export type Scanner<State = unknown> = {
  start: State;
  /**
   * The share of leaving the part at this state, before another token: 0 while it is incomplete, 1 when nothing may
   * follow. In a hurry a scanner leaves as early as it may.
   */
  leaving(state: State, hurry: boolean): number;
  /** The ids of the tokens that may follow, if it is not left. */
  tokens(state: State): readonly number[] | Int32Array;
  /** The state after a token; `undefined` when it may not follow. */
  next(state: State, id: number): State | undefined;
  /** Added to the model's probability of each token, so that those that the prose does not have come up, too. */
  floor: number;
  /** The fewest tokens that complete the part. */
  least: number;
  /** Whether the n-gram goes on from its tokens. */
  isProse: boolean;
};

/** The share that the tokens of numbers, names and patterns have beside the n-gram's probability. */
const FLOOR = 0.01;

/** A fixed text. */
export const literal = (ids: readonly number[]): Scanner<number> & { ids: readonly number[] } => {
  const singles = ids.map((id) => [id]);
  return {
    ids,
    start: 0,
    leaving: (at) => (at === ids.length ? 1 : 0),
    tokens: (at) => singles[at] ?? [],
    next: (at, id) => (ids[at] === id ? at + 1 : undefined),
    floor: FLOOR,
    least: ids.length,
    isProse: false,
  };
};

type Branch = { isWord: boolean; further: Map<number, Branch> };

/** One of several fixed texts, each as its tokens. */
export const words = (texts: readonly (readonly number[])[]): Scanner<Branch> => {
  const start: Branch = { isWord: false, further: new Map() };
  for (const ids of texts) {
    let branch = start;
    for (const id of ids) {
      const next: Branch = branch.further.get(id) ?? { isWord: false, further: new Map() };
      branch.further.set(id, next);
      branch = next;
    }
    branch.isWord = true;
  }
  return {
    start,
    leaving: ({ isWord, further }) => (isWord ? 1 / (further.size + 1) : 0),
    tokens: ({ further }) => [...further.keys()],
    next: ({ further }, id) => further.get(id),
    floor: FLOOR,
    least: Math.min(...texts.map(({ length }) => length)),
    isProse: true,
  };
};

/** The tokens of prose that stand unescaped in a JSON string, with their lengths in characters (code points). */
export type PlainTokens = { ids: Int32Array; lengthOf: Map<number, number>; longest: number };

type Written = { tokens: number; characters: number };

/** A text is left by this many tokens, if its length allows. */
const SOFT_TOKENS = 24;

/** Prose within a JSON string, of a length in characters. It becomes likelier to end the longer it is. */
export const prose = (plain: PlainTokens, { min, max }: { min: number; max: number }): Scanner<Written> => {
  const fitting = new Map<number, Int32Array>();
  const upTo = (room: number): Int32Array => {
    if (room >= plain.longest) return plain.ids;
    const known = fitting.get(room) ?? plain.ids.filter((id) => (plain.lengthOf.get(id) ?? 0) <= room);
    fitting.set(room, known);
    return known;
  };
  return {
    start: { tokens: 0, characters: 0 },
    leaving({ tokens, characters }, hurry) {
      if (characters >= max) return 1;
      if (characters < min) return 0;
      return hurry ? 1 : Math.min(1, tokens / SOFT_TOKENS);
    },
    tokens: ({ characters }) => upTo(max - characters),
    next({ tokens, characters }, id) {
      const length = plain.lengthOf.get(id);
      if (length === undefined || characters + length > max) return undefined;
      return { tokens: tokens + 1, characters: characters + length };
    },
    floor: 0,
    least: Math.ceil(min / plain.longest),
    isProse: true,
  };
};

/** The texts of tokens that may be part of a number or of a text with a pattern, by their ids. */
export type Texts = ReadonlyMap<number, string>;

type NumberText = { text: string };

/** A number of a range, in digits. */
export const numeral = (
  texts: Texts,
  { isStart, isWhole }: { isStart(text: string): boolean; isWhole(text: string): boolean },
): Scanner<NumberText> => {
  const following = (text: string): number[] =>
    [...texts].filter(([, more]) => isStart(text + more)).map(([id]) => id);
  return {
    start: { text: '' },
    leaving: ({ text }, hurry) =>
      !isWhole(text) ? 0 : hurry || following(text).length === 0 ? 1 : LEAVES_NUMBER,
    tokens: ({ text }) => following(text),
    next({ text }, id) {
      const more = texts.get(id);
      return more !== undefined && isStart(text + more) ? { text: text + more } : undefined;
    },
    floor: FLOOR,
    least: 1,
    isProse: false,
  };
};

const LEAVES_NUMBER = 0.4;
