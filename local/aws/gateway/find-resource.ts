export type ResourceMatch = { path: string; parameters: Record<string, string> };

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** The decoded path parameters when a resource's path fits; `undefined` when it does not. */
const match = (resource: string, path: string): Record<string, string> | undefined => {
  const wanted = segmentsOf(resource);
  const given = segmentsOf(path);
  const parameters = new Map<string, string>();
  for (const [index, segment] of wanted.entries()) {
    const value = given[index];
    if (value === undefined) return undefined;
    const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
    if (name !== undefined && greedy)
      return { ...Object.fromEntries(parameters), [name]: given.slice(index).map(decoded).join('/') };
    if (name !== undefined) parameters.set(name, decoded(value));
    else if (segment !== value) return undefined;
  }
  return wanted.length === given.length ? Object.fromEntries(parameters) : undefined;
};

/** Sort key: from the left, literal segments come before variables, and variables before `{proxy+}`. */
const rank = (resource: string): string =>
  segmentsOf(resource)
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('');

/** The most specific resource for a path. As in API Gateway, the method plays no part in the choice. */
export const findResource = (resources: readonly string[], path: string): ResourceMatch | undefined =>
  resources
    .toSorted((a, b) => rank(a).localeCompare(rank(b)))
    .flatMap((resource) => {
      const parameters = match(resource, path);
      return parameters ? [{ path: resource, parameters }] : [];
    })[0];
