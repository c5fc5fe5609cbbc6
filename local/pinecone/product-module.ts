/**
 * A WebAssembly module with one function, `product(row, end, query)`: the dot product of 32-bit floats from address
 * `row` to `end` with 64-bit floats from `query` on, in double precision, two lanes at a time. The number of floats is a
 * multiple of 8, and above 0. The module imports its memory. JavaScript has no such instructions and needs several times
 * as long: https://webassembly.github.io/spec/core/binary/instructions.html#vector-instructions
 */
export const makeProductModule = (): WebAssembly.Module =>
  new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic number and version
      ...section(1, [[0x60, ...vector([[I32], [I32], [I32]]), ...vector([[F64]])]]),
      ...section(2, [[...name('js'), ...name('memory'), 0x02, 0x00, 0x01]]),
      ...section(3, [[0x00]]),
      ...section(7, [[...name('product'), 0x00, 0x00]]),
      ...section(10, [sized([...LOCALS, ...BODY, END])]),
    ]),
  );

const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];
const END = 0x0b;

/** Sizes and numbers of parts are below 128 here, except the body's: unsigned LEB128. */
const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [0x80 | (value & 0x7f), ...unsigned(value >> 7)];
const sized = (bytes: number[]): number[] => [...unsigned(bytes.length), ...bytes];
const vector = (items: number[][]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: number[][]): number[] => [id, ...sized(vector(items))];
const name = (text: string): number[] => sized([...Buffer.from(text)]);

// Locals: 0 to 2 are the parameters, then four sums of two lanes each, so that an addition need not wait for the one before.
const [ROW, LAST, QUERY] = [0, 1, 2];
const SUMS = [3, 4, 5, 6];
const LOCALS = vector([[SUMS.length, V128]]);

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32 = (value: number): number[] => [
  0x41,
  ...(value < 0x40 ? [value] : [0x80 | (value & 0x7f), value >> 7]),
];
const I32_ADD = 0x6a;
const I32_LESS_UNSIGNED = 0x49;
const simd = (code: number): number[] => [0xfd, ...unsigned(code)];
const LOAD = simd(0x00);
const LOAD_TWO_FLOATS = simd(0x5d);
const TO_DOUBLES = simd(0x5f);
const ADD = simd(0xf0);
const MULTIPLY = simd(0xf2);
const lane = (at: number): number[] => [...simd(0x21), at];
const F64_ADD = 0xa0;

/** The memory operand: alignment as a power of two, and an offset. */
const at = (alignment: number, offset: number): number[] => [alignment, offset];
const advance = (local: number, bytes: number): number[] => [
  ...get(local),
  ...i32(bytes),
  I32_ADD,
  ...set(local),
];

const BODY = [
  ...[0x03, 0x40], // loop
  ...SUMS.flatMap((sum, step) => [
    ...[...get(ROW), ...LOAD_TWO_FLOATS, ...at(2, step * 8), ...TO_DOUBLES],
    ...[...get(QUERY), ...LOAD, ...at(3, step * 16), ...MULTIPLY],
    ...[...get(sum), ...ADD, ...set(sum)],
  ]),
  ...advance(ROW, 32),
  ...advance(QUERY, 64),
  ...[...get(ROW), ...get(LAST), I32_LESS_UNSIGNED, 0x0d, 0x00], // again while row < end
  END,
  ...[...get(3), ...get(4), ...ADD, ...get(5), ...ADD, ...get(6), ...ADD, ...set(3)],
  ...[...get(3), ...lane(0), ...get(3), ...lane(1), F64_ADD],
];
