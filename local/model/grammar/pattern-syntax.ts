/** A regular expression over single characters (code points). */
export type Expression =
  | { kind: 'set'; characters: ReadonlySet<string> }
  | { kind: 'sequence'; parts: Expression[] }
  | { kind: 'choice'; branches: Expression[] }
  | { kind: 'repeat'; part: Expression; min: number; max: number };

/** Thrown for a pattern that is invalid or not regular. The message continues a sentence that begins with the pattern. */
export class PatternError extends Error {}

const MAX_LENGTH = 1_000;
const MAX_REPEATS = 1_000;

const range = (from: string, to: string): string[] => {
  const [low = 0, high = 0] = [from.codePointAt(0), to.codePointAt(0)];
  if (high < low) throw new PatternError('has a range out of order');
  if (high - low > 0x2000) throw new PatternError('has a range of more than 8,192 characters');
  return Array.from({ length: high - low + 1 }, (_, at) => String.fromCodePoint(low + at));
};

/** Printable ASCII: what `.` and negated classes stand for here, since texts need no other characters to match. */
const PRINTABLE = range(' ', '~');
const DIGITS = range('0', '9');
const WORD = [...range('a', 'z'), ...range('A', 'Z'), ...DIGITS, '_'];

const without = (characters: readonly string[]): string[] => {
  const excluded = new Set(characters);
  return PRINTABLE.filter((character) => !excluded.has(character));
};

const CLASSES = new Map<string, readonly string[]>([
  ['d', DIGITS],
  ['D', without(DIGITS)],
  ['w', WORD],
  ['W', without(WORD)],
  ['s', [' ']],
  ['S', without([' '])],
]);

const QUANTIFIER = /^(?:([*+?])|\{(\d{1,5})(?:(,)(\d{0,5}))?\})(\??)/;

/**
 * Parses the regular part of JavaScript's syntax: characters, classes, groups, `|`, repeats, and `^` and `$` around the
 * whole or a branch of it. A pattern without them is read as if it had them, so that it describes whole texts. No
 * backtracking happens, here or later.
 *
 * @throws {PatternError} for lookarounds, references, `\b`, `\p` and whatever else is not regular, or not valid.
 */
export const parsePattern = (source: string): Expression => {
  if (source.length > MAX_LENGTH) throw new PatternError(`is longer than ${MAX_LENGTH} characters`);
  const characters = [...source];
  let at = 0;
  let depth = 0;

  const peek = (): string | undefined => characters[at];
  const accept = (expected: string): boolean => {
    const isHere = characters.slice(at, at + expected.length).join('') === expected;
    if (isHere) at += expected.length;
    return isHere;
  };
  const take = (): string => {
    const character = characters[at++];
    if (character === undefined) throw new PatternError('ends too early');
    return character;
  };
  const hexadecimal = (digits: number): string => {
    const code = characters.slice(at, at + digits).join('');
    if (!new RegExp(`^[\\da-fA-F]{${digits}}$`).test(code)) throw new PatternError('has an invalid escape');
    at += digits;
    return String.fromCodePoint(Number.parseInt(code, 16));
  };

  const escaped = (): readonly string[] => {
    const character = take();
    const known = CLASSES.get(character);
    if (known) return known;
    if (character === 'x') return [hexadecimal(2)];
    if (character === 'u') return [hexadecimal(4)];
    if (/[A-Za-z0-9]/.test(character)) throw new PatternError(`has \\${character}, which is not supported`);
    return [character];
  };

  const characterClass = (): Expression => {
    const isNegated = accept('^');
    const members: string[] = [];
    while (!accept(']')) {
      const first = accept('\\') ? escaped() : [take()];
      const isRange = first.length === 1 && peek() === '-' && characters[at + 1] !== ']';
      if (!isRange) members.push(...first);
      else {
        at += 1;
        const last = accept('\\') ? escaped() : [take()];
        members.push(...range(first[0] ?? '', last.length === 1 ? (last[0] ?? '') : ''));
      }
    }
    return { kind: 'set', characters: new Set(isNegated ? without(members) : members) };
  };

  const group = (): Expression => {
    if (accept('?') && !accept(':')) throw new PatternError('has a lookaround or a named group');
    const inner = alternatives();
    if (!accept(')')) throw new PatternError('has a group that is not closed');
    return inner;
  };

  const atom = (): Expression => {
    const character = take();
    if (character === '(') return group();
    if (character === '[') return characterClass();
    if (character === '.') return { kind: 'set', characters: new Set(PRINTABLE) };
    if (character === '\\') return { kind: 'set', characters: new Set(escaped()) };
    if ('*+?{}]'.includes(character)) throw new PatternError(`has a ${character} out of place`);
    if (character === '^' || character === '$')
      throw new PatternError(`has a ${character} within, which is not supported`);
    return { kind: 'set', characters: new Set([character]) };
  };

  const repeated = (part: Expression): Expression => {
    const [text, sign, low, comma, high] = QUANTIFIER.exec(characters.slice(at, at + 16).join('')) ?? [];
    if (text === undefined) return part;
    at += text.length;
    const min = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
    const open = sign === undefined ? comma !== undefined && high === '' : sign !== '?';
    const max = open ? Number.POSITIVE_INFINITY : sign === '?' ? 1 : comma === undefined ? min : Number(high);
    if (max < min) throw new PatternError('has a repeat out of order');
    if (min > MAX_REPEATS || (max > MAX_REPEATS && !open))
      throw new PatternError(`has a repeat of more than ${MAX_REPEATS}`);
    return { kind: 'repeat', part, min, max };
  };

  const sequence = (): Expression => {
    const parts: Expression[] = [];
    if (depth === 1) accept('^');
    for (let next = peek(); next !== undefined && next !== '|' && next !== ')'; next = peek()) {
      const isLast = [undefined, '|', ')'].includes(characters[at + 1]);
      if (next === '$' && depth === 1 && isLast) at += 1;
      else parts.push(repeated(atom()));
    }
    return { kind: 'sequence', parts };
  };

  const alternatives = (): Expression => {
    depth += 1;
    const branches = [sequence()];
    while (accept('|')) branches.push(sequence());
    depth -= 1;
    const [only] = branches;
    return branches.length === 1 && only ? only : { kind: 'choice', branches };
  };

  const parsed = alternatives();
  if (at < characters.length) throw new PatternError('has a ) out of place');
  return parsed;
};
