/** Steps stand for the time and memory that a pattern takes to compile; one is an instruction of its program. */
const RANGES_PER_STEP = 100;
/** The ranges of the largest Unicode class, `\pL` with its letters of both cases. */
const UNICODE_CLASS_RANGES = 5_000;
/** `\w`, `[:alpha:]` and their like have few ranges, but folding their case goes through them letter by letter. */
const ASCII_CLASS_RANGES = 250;
/** The code points that have a second case lie between these. */
const FOLDED = { first: 0x41, last: 0x1_e943 };
/** A letter or digit after a backslash in a class: a control character, or up to three octal digits. */
const LAST_OCTAL = 0o777;
/** Sizes stay finite, however deep repeats are nested. */
const LARGEST = 1e12;

/** The tokens of a pattern. The groups' names tell the kind; the last two are an escape and a single character. */
const TOKEN = new RegExp(
  [
    String.raw`(?<literals>[^\\()|*+?{[^$]+)`,
    String.raw`\\Q(?<quoted>[^]*?)(?:\\E|$)`,
    String.raw`(?<unicode>\\[pP](?:\{[^}]*\}|[^])?)`,
    String.raw`(?<ascii>\\[dDsSwW])`,
    String.raw`(?<flags>\(\?[imsU-]*\))`,
    String.raw`(?<open>\((?:\?[imsU-]*:|\?P?<[^>]*>)?)`,
    String.raw`(?<close>\))`,
    String.raw`(?<bar>\|)`,
    String.raw`(?<sign>[*+?])\??`,
    String.raw`\{(?<min>0|[1-9]\d*)(?<comma>,(?<max>0|[1-9]\d*)?)?\}\??`,
    String.raw`(?<bracket>\[\^?)`,
    String.raw`\\(?:x\{[^}]*\}|[^])?`,
    '[^]',
  ].join('|'),
  'uy',
);

/** The tokens of a class (`[...]`) behind its bracket. */
const CLASS_TOKEN = new RegExp(
  [
    String.raw`(?<unicode>\\[pP](?:\{[^}]*\}|[^])?)`,
    String.raw`(?<ascii>\\[dDsSwW]|\[:[^\]]*:\])`,
    String.raw`(?<from>\\(?:x\{[^}]*\}|x[0-9A-Fa-f]{2}|[^])|[^\\])-(?!\])(?<to>\\(?:x\{[^}]*\}|x[0-9A-Fa-f]{2}|[^])|[^\\])`,
    String.raw`\\(?:x\{[^}]*\}|[^])?`,
    '[^]',
  ].join('|'),
  'uy',
);

type Part = { size: number; isNullable: boolean };
/** A group that is open: its finished branches, the branch under way without its last part, and that part. */
type Group = { isCapture: boolean; branches: Part[]; sequence: Part; last: Part | undefined };

const open = (isCapture: boolean): Group => ({ isCapture, branches: [], sequence: empty(), last: undefined });
const empty = (): Part => ({ size: 0, isNullable: true });
const one = (isNullable: boolean): Part => ({ size: 1, isNullable });

/**
 * Bounds the steps that a pattern in RE2's syntax takes to compile, repeats unfolded, without compiling it: the
 * instructions of its program (Go's regexp/syntax, `simplify.go` and `compile.go`, builds the same one), and one step
 * for every hundred ranges that its classes go through. Reads the text once, without recursion. For a text that is no
 * pattern it bounds the work until that is found.
 *
 * @example
 * patternSize('(x?){1000}') // 4002
 */
export const patternSize = (source: string): number => {
  const isFolded = /\(\?[msU-]*i/.test(source);
  let ranges = 0;
  let group = open(false);
  const outer: Group[] = [];
  let at = 0;
  while (at < source.length) {
    const { text, groups } = tokenAt(TOKEN, source, at);
    at += text.length;
    const literals = groups.literals ?? groups.quoted;
    if (literals !== undefined) addLiterals(group, [...literals].length);
    else if (groups.unicode !== undefined || groups.ascii !== undefined) {
      ranges += groups.ascii === undefined ? UNICODE_CLASS_RANGES : ASCII_CLASS_RANGES;
      add(group, one(false));
    } else if (groups.bracket !== undefined) {
      const read = readClass(source, at, isFolded);
      ranges += read.ranges;
      at = read.end;
      add(group, one(false));
    } else if (groups.open !== undefined) {
      outer.push(group);
      group = open(!groups.open.endsWith(':'));
    } else if (groups.bar !== undefined) endBranch(group);
    else if (groups.close !== undefined) {
      const closed = close(group);
      group = outer.pop() ?? open(false);
      add(group, closed);
    } else if (groups.sign !== undefined || groups.min !== undefined) {
      if (group.last) group.last = repeat(group.last, timesOf(groups));
    } else if (groups.flags === undefined) add(group, one(/^(?:\\[AbBz]|[\^$])$/.test(text)));
  }
  let whole = close(group);
  for (const left of outer.reverse()) whole = concat(close(left), whole);
  return Math.min(LARGEST, 2 + whole.size + Math.floor(ranges / RANGES_PER_STEP));
};

/** The token that stands at `at`; each takes at least one character. */
const tokenAt = (token: RegExp, source: string, at: number) => {
  token.lastIndex = at;
  const { 0: text = '', groups = {} } = token.exec(source) ?? { 0: source.charAt(at) };
  return { text, groups };
};

/** Reads a class from behind its bracket. A `]` at its beginning is a member. */
const readClass = (source: string, from: number, isFolded: boolean): { ranges: number; end: number } => {
  let ranges = 0;
  let at = from;
  while (at < source.length && (source[at] !== ']' || at === from)) {
    const { text, groups } = tokenAt(CLASS_TOKEN, source, at);
    at += text.length;
    if (groups.unicode !== undefined) ranges += UNICODE_CLASS_RANGES;
    else if (groups.ascii !== undefined) ranges += ASCII_CLASS_RANGES;
    else if (groups.from !== undefined && groups.to !== undefined && isFolded)
      ranges += foldedBetween(codePoint(groups.from, 0), codePoint(groups.to, LAST_OCTAL));
    else ranges += 1;
  }
  return { ranges, end: at + 1 };
};

const codePoint = (text: string, unknown: number): number => {
  const hex = /^\\x\{?([0-9A-Fa-f]+)/.exec(text)?.[1];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  if (/^\\[0-9A-Za-z]/.test(text)) return unknown;
  return text.codePointAt(text.startsWith('\\') ? 1 : 0) ?? unknown;
};

/** Each code point with a second case becomes a range of its own. */
const foldedBetween = (lo: number, hi: number): number =>
  1 + Math.max(0, Math.min(hi, FOLDED.last) - Math.max(lo, FOLDED.first) + 1);

const concat = (a: Part, b: Part | undefined): Part =>
  b ? { size: Math.min(LARGEST, a.size + b.size), isNullable: a.isNullable && b.isNullable } : a;

const add = (group: Group, part: Part): void => {
  group.sequence = concat(group.sequence, group.last);
  group.last = part;
};

/** A repeat behind them is the last one's alone. */
const addLiterals = (group: Group, count: number): void => {
  if (count > 1) add(group, { size: count - 1, isNullable: false });
  if (count > 0) add(group, one(false));
};

const endBranch = (group: Group): void => {
  const { size, isNullable } = concat(group.sequence, group.last);
  group.branches.push({ size: Math.max(1, size), isNullable });
  group.sequence = empty();
  group.last = undefined;
};

/** Branches are joined by one instruction each, and a capture puts one before and one behind. */
const close = (group: Group): Part => {
  endBranch(group);
  const { branches, isCapture } = group;
  const size = branches.reduce((sum, branch) => sum + branch.size, branches.length - 1);
  return {
    size: Math.min(LARGEST, size + (isCapture ? 2 : 0)),
    isNullable: branches.some((branch) => branch.isNullable),
  };
};

type Times = { min: number; max: number };

const timesOf = ({ sign, min, comma, max }: Record<string, string | undefined>): Times => {
  if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
  const least = Number(min);
  return { min: least, max: comma === undefined ? least : max === undefined ? Infinity : Number(max) };
};

/** `x{2,4}` is compiled as `xx(x(x)?)?`, `x{2,}` as `xx+`; a loop over what may be empty takes one more. */
const repeat = ({ size, isNullable }: Part, { min, max }: Times): Part => {
  const unfolded =
    max === 0
      ? 1
      : max !== Infinity
        ? max * size + Math.max(0, max - min)
        : Math.max(1, min) * size + (min === 0 && isNullable ? 2 : 1);
  return { size: Math.min(LARGEST, unfolded), isNullable: isNullable || min === 0 };
};
