import type { Random } from '../../../local/model/random.ts';

/**
 * An event's bytes in three parts, none of them empty: one cut falls inside a character of several bytes where there
 * is one. Fewer than three bytes stay whole.
 */
export const splitEvent = (bytes: Uint8Array, random: Random): Uint8Array[] => {
  if (bytes.length < 3) return [bytes];
  const inside = [...bytes.keys()].filter((at) => at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80);
  const anywhere = () => 1 + Math.floor(random() * (bytes.length - 1));
  const first = inside[Math.floor(random() * inside.length)] ?? anywhere();
  let second = anywhere();
  while (second === first) second = anywhere();
  const [from, to] = first < second ? [first, second] : [second, first];
  return [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
};
