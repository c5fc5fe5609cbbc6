// Runs first in the packed command line: what the sources use and Node 20 has not.

/** https://tc39.es/ecma262/#sec-map.groupby */
const groupBy = <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

/** https://url.spec.whatwg.org/#dom-url-parse */
const parse = (url: string | URL, base?: string | URL): URL | null =>
  URL.canParse(`${url}`, base === undefined ? undefined : `${base}`) ? new URL(url, base) : null;

Map.groupBy ??= groupBy;
URL.parse ??= parse;

export {};
