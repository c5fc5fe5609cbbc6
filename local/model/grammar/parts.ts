import type { Scanner } from './scanner.ts';

/** A part of a grammar: a scanner, which consumes tokens, or a part that expands into others. */
export type Part =
  | { kind: 'scanner'; scanner: Scanner }
  | Choice
  | Items
  | Members
  | { kind: 'reference'; rule: Rule };

/** One of several branches. */
type Choice = { kind: 'choice'; branches: Part[][] };

/** The items of an array: at least `min`, and at most `max`. `first` and `further` include the bracket or comma before an item. */
export type Items = {
  kind: 'items';
  min: number;
  max: number;
  first: Part[];
  further: Part[];
  empty: Part[];
  close: Part[];
};

/** The members of an object, from `at` on. `first` and `further` include the brace or comma before a member, and its name. */
export type Members = {
  kind: 'members';
  at: number;
  members: { isRequired: boolean; first: Part[]; further: Part[] }[];
  empty: Part[];
  close: Part[];
};

/** Parts that others refer to, themselves included. `least` is the fewest tokens of a text of it. */
export type Rule = { parts: Part[]; least: number };

export const scanned = <State>(scanner: Scanner<State>): Part => ({
  kind: 'scanner',
  scanner: scanner as Scanner,
});

/** The fewest tokens of parts. */
export type Least = (parts: readonly Part[]) => number;

const leastIn = (part: Part, least: Least): number => {
  switch (part.kind) {
    case 'scanner':
      return part.scanner.least;
    case 'choice':
      return Math.min(...part.branches.map(least));
    case 'items':
      return part.min === 0 ? 1 : 1 + least(part.first) + (part.min - 1) * least(part.further);
    case 'members':
      return part.members
        .slice(part.at)
        .filter(({ isRequired }) => isRequired)
        .reduce((sum, { further }) => sum + least(further), 1);
    case 'reference':
      return part.rule.least;
  }
};

/** Counts by what is known of the rules that the parts refer to. */
const leastSoFar: Least = (parts) => parts.reduce((sum, part) => sum + leastIn(part, leastSoFar), 0);

/** Finds the fewest tokens of each rule. It stays infinite for a rule without any finite text. */
export const settle = (rules: readonly Rule[]): void => {
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const rule of rules) {
      const least = leastSoFar(rule.parts);
      if (least < rule.least) isSettled = false;
      rule.least = least;
    }
  }
};

/** Counts the fewest tokens of parts whose rules are settled, and remembers those of each part. */
export const makeLeast = (): Least => {
  const known = new WeakMap<Part, number>();
  const least: Least = (parts) => {
    let sum = 0;
    for (const part of parts) {
      const count = known.get(part) ?? leastIn(part, least);
      known.set(part, count);
      sum += count;
    }
    return sum;
  };
  return least;
};
