/** Bounds of numbers, inclusive and scaled: `value * 10 ** decimals` is between them, and a multiple of `step`. */
type Scaled = { from: bigint; to: bigint; step: bigint; decimals: number };

export type NumberRange = {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  isInteger: boolean;
};

/** Which texts are numbers of a range (`isWhole`), and which begin one (`isStart`). */
export type NumberTexts = { isStart(text: string): boolean; isWhole(text: string): boolean };

const LIMIT = 1e15;
const USUAL_DECIMALS = 2;
const MAX_DECIMALS = 9;
/** A number of more digits would not survive being read as a double. */
const MAX_DIGITS = 15;
/** Numbers without narrow bounds stay near zero, or near the bound that is nearest to zero. */
const WINDOW = 10_000;

/** A number's sign, digits and decimals; JavaScript writes small and large ones with an exponent. */
const digitsOf = (value: number): { digits: bigint; decimals: number } => {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? [];
  const decimals = fraction.length - Number(exponent);
  const digits = BigInt(sign + whole + fraction);
  return decimals >= 0 ? { digits, decimals } : { digits: digits * 10n ** BigInt(-decimals), decimals: 0 };
};

const greatestDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestDivisor(b, a % b));

const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);

/** `value * 10 ** to`, rounded towards infinity (`up`) or minus infinity. */
const scaled = (value: number, to: number, direction: 'up' | 'down'): bigint => {
  const { digits, decimals } = digitsOf(value);
  if (decimals <= to) return digits * 10n ** BigInt(to - decimals);
  const divisor = 10n ** BigInt(decimals - to);
  return direction === 'down' ? floorDivide(digits, divisor) : -floorDivide(-digits, divisor);
};

/** Whether a multiple of `step` is between two bounds. */
const hasMultiple = (from: bigint, to: bigint, step: bigint): boolean =>
  from <= to && floorDivide(to, step) * step >= from;

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const earlier = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const withinWindow = ({ from, to, step, decimals }: Scaled): Scaled => {
  const half = BigInt(WINDOW) * 10n ** BigInt(decimals) - 1n;
  const nearest = from > 0n ? from : to < 0n ? to : 0n;
  const near = { from: later(from, nearest - half), to: earlier(to, nearest + half) };
  return hasMultiple(near.from, near.to, step) ? { ...near, step, decimals } : { from, to, step, decimals };
};

/** The decimals of a range: two, or as many as its bounds have, as far as a double has digits for them. */
const decimalsOf = (bounds: readonly number[], { isInteger, multipleOf }: NumberRange): number => {
  const wanted = [...bounds, multipleOf ?? 0].map((value) => digitsOf(value).decimals);
  const whole = Math.max(...bounds.map((bound) => String(Math.trunc(Math.abs(bound))).length), 5);
  const most = Math.min(MAX_DECIMALS, MAX_DIGITS - Math.min(MAX_DIGITS, whole));
  const decimals = Math.min(most, Math.max(isInteger ? 0 : USUAL_DECIMALS, ...wanted));
  if (multipleOf !== undefined && digitsOf(multipleOf).decimals > decimals)
    throw new RangeError(`needs more than ${MAX_DECIMALS} decimals or ${MAX_DIGITS} digits`);
  return decimals;
};

/** @throws {RangeError} when no number is in the range, or only ones that this server does not write. */
const scaledOf = (range: NumberRange): Scaled => {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, isInteger } = range;
  const low = [minimum, exclusiveMinimum].filter((bound) => bound !== undefined);
  const high = [maximum, exclusiveMaximum].filter((bound) => bound !== undefined);
  const none = new RangeError(`has no number between -${LIMIT} and ${LIMIT}`);
  if (low.some((bound) => bound > LIMIT) || high.some((bound) => bound < -LIMIT)) throw none;
  const decimals = decimalsOf(
    [...low, ...high].filter((bound) => Math.abs(bound) < LIMIT),
    range,
  );
  const from = (bound = -LIMIT): bigint => scaled(Math.max(-LIMIT, bound), decimals, 'up');
  const to = (bound = LIMIT): bigint => scaled(Math.min(LIMIT, bound), decimals, 'down');
  /** The next number beyond an excluded bound that is not rounded already. */
  const beyond = (bound: number | undefined, rounded: bigint, step: bigint): bigint =>
    bound !== undefined && digitsOf(bound).decimals <= decimals ? rounded + step : rounded;
  const unit = isInteger ? 10n ** BigInt(decimals) : 1n;
  const multiple = multipleOf === undefined ? unit : scaled(multipleOf, decimals, 'down');
  const all: Scaled = {
    from: later(from(minimum), beyond(exclusiveMinimum, from(exclusiveMinimum), 1n)),
    to: earlier(to(maximum), beyond(exclusiveMaximum, to(exclusiveMaximum), -1n)),
    step: (unit * multiple) / greatestDivisor(unit, multiple),
    decimals,
  };
  if (!hasMultiple(all.from, all.to, all.step)) throw none;
  return withinWindow(all);
};

/**
 * The texts of a range's numbers: digits and decimals, without exponents. Numbers stay within 15 digits, and within
 * 10,000 of zero or of the bound that is nearest to it, if the range has such ones.
 *
 * @throws {RangeError} for a range without such a number; its message continues a sentence that begins with the range.
 */
export const numberTexts = (range: NumberRange): NumberTexts => {
  const { from, to, step, decimals } = scaledOf(range);
  const fractionDigits = range.isInteger ? 0 : decimals;
  const longest = String(later(from < 0n ? -from : from, to < 0n ? -to : to)).length;

  /** Whether a number is among those whose absolute values, scaled, are between two bounds. */
  const reaches = (isNegative: boolean, low: bigint, high: bigint): boolean =>
    isNegative
      ? hasMultiple(later(from, -high), earlier(to, -later(low, 1n)), step) // there is no -0
      : hasMultiple(later(from, low), earlier(to, high), step);

  const startsWhole = (isNegative: boolean, digits: string): boolean => {
    const most = digits === '0' ? 0 : Math.max(0, longest - digits.length);
    for (let more = 0; more <= most; more++) {
      const size = 10n ** BigInt(more + decimals);
      const low = BigInt(digits) * size;
      if (reaches(isNegative, low, low + size - 1n)) return true;
    }
    return false;
  };

  return {
    isStart(text) {
      if (text === '-') return reaches(true, 1n, -earlier(from, -1n));
      const [, sign, whole, point, fraction = ''] = /^(-?)(0|[1-9]\d*)(?:(\.)(\d*))?$/.exec(text) ?? [];
      if (whole === undefined) return text === '';
      const isNegative = sign === '-';
      if (point === undefined) return startsWhole(isNegative, whole);
      if (fraction.length > fractionDigits || fractionDigits === 0) return false;
      const size = 10n ** BigInt(decimals - fraction.length);
      const low = BigInt(whole + fraction) * size;
      return reaches(isNegative, low, low + size - 1n);
    },
    isWhole(text) {
      const [, sign, whole, fraction = ''] = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text) ?? [];
      if (whole === undefined || fraction.length > fractionDigits) return false;
      const value = BigInt(whole + fraction) * 10n ** BigInt(decimals - fraction.length);
      return reaches(sign === '-', value, value);
    },
  };
};
