import type { Automaton } from './automaton.ts';
import { PatternError } from './pattern-syntax.ts';
import type { Scanner, Texts } from './scanner.ts';

/** A set of an automaton's states, with the moves that were taken from it so far. */
type States = {
  members: number[];
  accepts: boolean;
  /** `lengths[k]` is 1 when `k` more characters can complete the text. */
  lengths: Uint8Array;
  moves: Map<string, States | undefined>;
  tokens: { id: number; next: States; length: number }[] | undefined;
};

type Matched = { states: States; length: number };

/** A text is at most this long, unless its pattern or its least length asks for more. */
const SOFT_LENGTH = 32;
const LONGEST = 256;

const LEAVES_TEXT = 0.3;

/** For each number of characters: the states from which so many can complete the text. */
const completions = ({ characters, follow, accepts }: Automaton, longest: number): Uint8Array[] => {
  const table = [Uint8Array.from(accepts, Number)];
  for (let length = 1; length <= longest; length++) {
    const before = table[length - 1];
    table.push(
      Uint8Array.from(characters, (_, state) => Number(follow[state]?.some((next) => before?.[next] === 1))),
    );
  }
  return table;
};

/**
 * A text that an automaton accepts, of a length in characters: the deterministic automaton is built as far as texts
 * reach it.
 *
 * @throws {PatternError} when no such text has 256 characters or fewer.
 */
export const matchedText = (
  automaton: Automaton,
  texts: Texts,
  { min, max }: { min: number; max: number },
): Scanner<Matched> => {
  const table = completions(automaton, Math.min(max, LONGEST));
  const shortest = table.findIndex((states, length) => length >= min && states[0] === 1);
  if (shortest < 0)
    throw new PatternError(`matches no text of ${min} to ${Math.min(max, LONGEST)} characters`);
  const longest = Math.min(max, Math.max(shortest, SOFT_LENGTH));
  const known = new Map<string, States>();

  const statesOf = (members: number[]): States => {
    const key = members.join();
    const states: States = known.get(key) ?? {
      members,
      accepts: members.some((state) => automaton.accepts[state]),
      lengths: Uint8Array.from({ length: longest + 1 }, (_, length) =>
        Number(members.some((state) => table[length]?.[state] === 1)),
      ),
      moves: new Map(),
      tokens: undefined,
    };
    known.set(key, states);
    return states;
  };
  const move = (states: States, character: string): States | undefined => {
    if (states.moves.has(character)) return states.moves.get(character);
    const members = new Set<number>();
    for (const state of states.members)
      for (const next of automaton.follow[state] ?? [])
        if (automaton.characters[next]?.has(character)) members.add(next);
    const moved = members.size === 0 ? undefined : statesOf([...members].sort((a, b) => a - b));
    states.moves.set(character, moved);
    return moved;
  };
  const moveBy = (from: States, text: string): { next: States; length: number } | undefined => {
    let next: States | undefined = from;
    let length = 0;
    for (const character of text) {
      next = move(next, character);
      if (next === undefined) return undefined;
      length += 1;
    }
    return { next, length };
  };
  const tokensOf = (states: States): { id: number; next: States; length: number }[] => {
    states.tokens ??= [...texts].flatMap(([id, text]) => {
      const moved = moveBy(states, text);
      return moved === undefined ? [] : [{ id, ...moved }];
    });
    return states.tokens;
  };
  /** Whether a text that has so many characters can still be completed. */
  const isAlive = (states: States, length: number): boolean => {
    for (let more = Math.max(0, min - length); length + more <= longest; more++)
      if (states.lengths[more] === 1) return true;
    return false;
  };
  const following = ({ states, length }: Matched): number[] =>
    tokensOf(states)
      .filter(({ next, length: added }) => isAlive(next, length + added))
      .map(({ id }) => id);

  return {
    start: { states: statesOf([0]), length: 0 },
    leaving(state, hurry) {
      if (!state.states.accepts || state.length < min) return 0;
      return hurry || following(state).length === 0 ? 1 : LEAVES_TEXT;
    },
    tokens: following,
    next({ states, length }, id) {
      const token = tokensOf(states).find((candidate) => candidate.id === id);
      if (token === undefined || !isAlive(token.next, length + token.length)) return undefined;
      return { states: token.next, length: length + token.length };
    },
    floor: FLOOR,
    least: 1,
    isProse: true,
  };
};

const FLOOR = 0.01;
