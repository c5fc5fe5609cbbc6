/**
 * Whole numbers from 0 to 2^53 - 1 as one string: each as little-endian groups of seven bits, the highest bit of a
 * byte telling that more follow (LEB128), the bytes in base64. A small number takes 1.3 characters, 16,384 takes 4.
 */
export const packIntegers = (numbers: readonly number[]): string => {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push(0x80 + (rest % 0x80));
    bytes.push(rest);
  }
  return Buffer.from(bytes).toString('base64');
};

/** The numbers that `packIntegers` made the string of. */
export const unpackIntegers = (packed: string): number[] => {
  const numbers: number[] = [];
  let number = 0;
  let unit = 1;
  for (const byte of Buffer.from(packed, 'base64')) {
    number += (byte % 0x80) * unit;
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
      unit = 1;
    } else unit *= 0x80;
  }
  return numbers;
};
