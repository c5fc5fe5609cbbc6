type Options = {
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  startAfter?: string;
  marker?: string;
};
type Listing<T> = { objects: T[]; commonPrefixes: string[]; isTruncated: boolean };
type List<T> = (bucket: string, options?: Options) => Listing<T>;

/** A code unit's place among code points: halves of pairs, which stand for the highest ones, come last. */
const placeOf = (unit: number): number => {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
};

/** Compares by code points, which is the order of UTF-8 bytes. */
const compare = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    const difference = placeOf(a.charCodeAt(i)) - placeOf(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};

/**
 * Makes a store list keys in S3's order, by UTF-8 bytes. The store itself sorts by locale but starts the next page by
 * code units, so its second page can miss keys with `%`, `@` and the like.
 */
export const listInOrder =
  <T extends { key: string }>(list: List<T>): List<T> =>
  (bucket, { startAfter, marker, maxKeys = 1_000, ...filter } = {}) => {
    const after = startAfter ?? marker ?? '';
    const all = list(bucket, { ...filter, maxKeys: Infinity });
    const entries: { key: string; object?: T }[] = [
      ...all.objects.map((object) => ({ key: object.key, object })),
      ...all.commonPrefixes.map((key) => ({ key })),
    ];
    const left = entries
      .filter(({ key }) => after === '' || compare(key, after) > 0)
      .sort((a, b) => compare(a.key, b.key));
    const page = left.slice(0, maxKeys);
    return {
      objects: page.flatMap(({ object }) => (object ? [object] : [])),
      commonPrefixes: page.filter(({ object }) => !object).map(({ key }) => key),
      isTruncated: left.length > page.length,
    };
  };
