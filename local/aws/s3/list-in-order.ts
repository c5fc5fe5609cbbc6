type Options = {
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  startAfter?: string;
  marker?: string;
};
type Listing<T> = { objects: T[]; commonPrefixes: string[]; isTruncated: boolean };
type List<T> = (bucket: string, options?: Options) => Listing<T>;

const byCodeUnits = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);

/**
 * Pages of a listing in one order. The store sorts keys as a language does, yet goes on after the last key by code
 * units, so that a second page would leave out keys with `%`, `@` and the like.
 */
export const listInOrder =
  <T extends { key: string }>(list: List<T>): List<T> =>
  (bucket, { startAfter, marker, maxKeys = 1_000, ...which } = {}) => {
    const after = startAfter ?? marker ?? '';
    const all = list(bucket, { ...which, maxKeys: Infinity });
    const entries: { key: string; object?: T }[] = [
      ...all.objects.map((object) => ({ key: object.key, object })),
      ...all.commonPrefixes.map((key) => ({ key })),
    ];
    const left = entries.sort(byCodeUnits).filter(({ key }) => after === '' || key > after);
    const page = left.slice(0, maxKeys);
    return {
      objects: page.flatMap(({ object }) => (object ? [object] : [])),
      commonPrefixes: page.filter(({ object }) => !object).map(({ key }) => key),
      isTruncated: left.length > page.length,
    };
  };
