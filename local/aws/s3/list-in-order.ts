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
 * Makes a store list keys in one order, by code units. The store itself sorts by locale but starts the next page by
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
    const left = entries.sort(byCodeUnits).filter(({ key }) => after === '' || key > after);
    const page = left.slice(0, maxKeys);
    return {
      objects: page.flatMap(({ object }) => (object ? [object] : [])),
      commonPrefixes: page.filter(({ object }) => !object).map(({ key }) => key),
      isTruncated: left.length > page.length,
    };
  };
