/**
 * The place of the page, which stands after `#`: `#/runs/ID?tab=raw`. The paths before it belong to the API, which answers
 * `/runs` with JSON, and a hash needs no server to find its way below any stage or proxy.
 */
export type Address = { segments: readonly string[]; query: URLSearchParams };

/** Texts and numbers by name; those that are null, undefined or empty are left out. */
export type Query = { [name: string]: string | number | null | undefined };

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // typed by hand
  }
};

export const parseAddress = (hash: string): Address => {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?([\s\S]*)/);
  return {
    segments: path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decoded),
    query: new URLSearchParams(query),
  };
};

/** The `href` of a link: `hrefOf(['runs', id], { tab: 'raw' })`. */
export const hrefOf = (segments: readonly string[], query: Query = {}): string => {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  const search = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `#/${segments.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
};
