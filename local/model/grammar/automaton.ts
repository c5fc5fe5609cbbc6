import { type Expression, PatternError } from './pattern-syntax.ts';

/**
 * A non-deterministic automaton without empty moves. State 0 is the start; each other state is entered by one of its
 * characters.
 */
export type Automaton = {
  characters: ReadonlySet<string>[];
  follow: number[][];
  accepts: boolean[];
};

const MAX_STATES = 2_000;
const MAX_MOVES = 200_000;

type Fragment = { isOptional: boolean; first: number[]; last: number[] };

const EMPTY: Fragment = { isOptional: true, first: [], last: [] };

/**
 * Builds the position automaton of Glushkov: a state for each character of the expression, repeats unfolded.
 *
 * @throws {PatternError} when it has too many states or moves, or only characters that `isSpelled` refuses somewhere.
 */
export const automatonOf = (expression: Expression, isSpelled: (character: string) => boolean): Automaton => {
  const characters: ReadonlySet<string>[] = [new Set()];
  const follow: Set<number>[] = [new Set()];
  let moves = 0;

  const connect = (from: readonly number[], to: readonly number[]): void => {
    moves += from.length * to.length;
    if (moves > MAX_MOVES) throw new PatternError('is too large; use smaller repeats');
    for (const state of from) for (const next of to) follow[state]?.add(next);
  };
  const both = (a: Fragment, b: Fragment): Fragment => {
    connect(a.last, b.first);
    return {
      isOptional: a.isOptional && b.isOptional,
      first: a.isOptional ? [...a.first, ...b.first] : a.first,
      last: b.isOptional ? [...a.last, ...b.last] : b.last,
    };
  };
  const looped = (fragment: Fragment): Fragment => {
    connect(fragment.last, fragment.first);
    return fragment;
  };
  const repeat = (part: Expression, min: number, max: number): Fragment => {
    let whole = EMPTY;
    for (let copy = 1; copy <= Math.max(min, max === Number.POSITIVE_INFINITY ? 1 : max); copy++) {
      const isLast = max === Number.POSITIVE_INFINITY && copy >= min;
      const states = characters.length;
      const built = isLast ? looped(build(part)) : build(part);
      // Nothing repeated is nothing. No limit would end such repeats within each other: they make no states.
      if (characters.length === states) return EMPTY;
      whole = both(whole, { ...built, isOptional: built.isOptional || copy > min });
    }
    return whole;
  };
  const build = (node: Expression): Fragment => {
    if (node.kind === 'sequence') return node.parts.reduce((whole, part) => both(whole, build(part)), EMPTY);
    if (node.kind === 'repeat') return repeat(node.part, node.min, node.max);
    if (node.kind === 'choice') {
      const branches = node.branches.map(build);
      return {
        isOptional: branches.some(({ isOptional }) => isOptional),
        first: branches.flatMap(({ first }) => first),
        last: branches.flatMap(({ last }) => last),
      };
    }
    const spelled = new Set([...node.characters].filter(isSpelled));
    if (spelled.size === 0) throw new PatternError('needs a character that this server does not write');
    if (characters.length >= MAX_STATES) throw new PatternError('is too large; use smaller repeats');
    const state = characters.push(spelled) - 1;
    follow.push(new Set());
    return { isOptional: false, first: [state], last: [state] };
  };

  const whole = build(expression);
  connect([0], whole.first);
  const last = new Set(whole.last);
  return {
    characters,
    follow: follow.map((next) => [...next]),
    accepts: characters.map((_, state) => (state === 0 ? whole.isOptional : last.has(state))),
  };
};

/**
 * The automaton of the texts that two automata accept. It may accept none.
 *
 * @throws {PatternError} when it is too large.
 */
export const intersected = (a: Automaton, b: Automaton): Automaton => {
  const pairs: [number, number][] = [[0, 0]];
  const characters: ReadonlySet<string>[] = [new Set()];
  const stateOf = new Map<number, number>([[0, 0]]);
  const follow: number[][] = [];
  let moves = 0;

  const enter = (p: number, q: number): number | undefined => {
    const key = p * b.characters.length + q;
    const known = stateOf.get(key);
    if (known !== undefined) return known;
    const shared = a.characters[p]?.intersection(b.characters[q] ?? new Set());
    if (shared === undefined || shared.size === 0) return undefined;
    if (pairs.length >= MAX_STATES) throw new PatternError('is too large beside the format');
    const state = pairs.push([p, q]) - 1;
    characters.push(shared);
    stateOf.set(key, state);
    return state;
  };

  for (let state = 0; state < pairs.length; state++) {
    const [p, q] = pairs[state] ?? [0, 0];
    const next: number[] = [];
    for (const left of a.follow[p] ?? []) {
      for (const right of b.follow[q] ?? []) {
        moves += 1;
        if (moves > 10 * MAX_MOVES) throw new PatternError('is too large beside the format');
        const entered = enter(left, right);
        if (entered !== undefined) next.push(entered);
      }
    }
    follow.push(next);
  }
  return {
    characters,
    follow,
    accepts: pairs.map(([p, q]) => a.accepts[p] === true && b.accepts[q] === true),
  };
};
