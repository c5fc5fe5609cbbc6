/** Licences under which we ship: permissive ones, which ask for a notice at most (OFL-1.1, of fonts, too), and the public domain. Names are those of https://spdx.org/licenses/. */
const SHIPPED = new Set([
  ...[
    '0BSD',
    'Apache-2.0',
    'BlueOak-1.0.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'ISC',
    'MIT',
    'OFL-1.1',
    'Unlicense',
  ],
]);

/** Further licences of tools that nobody ships with everytoken. */
const USED = new Set([...SHIPPED, 'MPL-2.0', 'PSF-2.0', 'Python-2.0']);

/** Packages under other licences, that tests alone may import: the simulator of AWS's permissions and its parts. */
const TEST_ONLY = new Map(
  ['iam-simulate', 'iam-policy', 'iam-utils'].map((name) => [`@cloud-copilot/${name}`, 'AGPL-3.0-or-later']),
);

/** A package of package-lock.json: its path (`node_modules/…`), and `dev` where only development needs it. */
export type Locked = {
  version?: string;
  dev?: boolean;
  devOptional?: boolean;
  license?: string;
  link?: boolean;
};
export type Lock = { packages: Record<string, Locked> };

/** The uses of packages outside tests. */
export type Uses = {
  /** The files in each bundle that a deployment uploads, by bundle. */
  bundles: ReadonlyMap<string, readonly string[]>;
  /** The packages that each source file outside test/ imports. */
  imports: ReadonlyMap<string, readonly string[]>;
};

/**
 * Holds the licences of all locked packages against the lists above. Each problem names the package, its licence and
 * what is wrong: an unknown or unwanted licence, a package of tests that something else imports, or a package of
 * development in a bundle.
 */
export const findProblems = ({ packages }: Lock, { bundles, imports }: Uses): string[] => {
  const locked = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);
  const unwanted = locked.flatMap(([path, { license, ...at }]): string[] => {
    const name = nameOf(path);
    const isShipped = !isDevelopment(at);
    if (license === undefined) return [`${path}: no licence in package-lock.json; look it up, then decide`];
    if (isMet(license, isShipped ? SHIPPED : USED)) return [];
    if (!isShipped && TEST_ONLY.get(name) === license) return [];
    return [`${path}: ${license} is not allowed for a ${isShipped ? 'dependency' : 'tool of development'}`];
  });
  const imported = [...imports].flatMap(([file, names]) =>
    names
      .filter((name) => TEST_ONLY.has(name))
      .map((name) => `${file}: imports ${name}, which is for tests alone`),
  );
  const bundled = [...bundles].flatMap(([bundle, files]) =>
    packagesOf(files, packages)
      .filter((path) => isDevelopment(packages[path] ?? { dev: true }))
      .map((path) => `${bundle}: contains ${path}, which is not a dependency`),
  );
  return [...unwanted, ...imported, ...bundled];
};

/** The locked packages that these files belong to, by path. */
export const packagesOf = (files: readonly string[], packages: Lock['packages']): string[] => {
  const paths = files.flatMap((file) => {
    const [, path] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    return path === undefined ? [] : [path];
  });
  const unknown = paths.find((path) => !(path in packages));
  if (unknown !== undefined) throw new Error(`${unknown} is not in package-lock.json: run npm install`);
  return [...new Set(paths)].toSorted();
};

const isDevelopment = ({ dev = false, devOptional = false }: Locked): boolean => dev || devOptional;

const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path;

/**
 * Whether a licence expression can be met by allowed licences alone: one side of `OR`, both of `AND`. Exceptions
 * (`WITH`) and texts that are no expression, such as `SEE LICENSE IN …`, are not met.
 *
 * @example
 * isMet('(MIT OR GPL-3.0-only)', new Set(['MIT'])) // true
 */
export const isMet = (expression: string, allowed: ReadonlySet<string>): boolean => {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;
  const either = (): boolean => {
    let met = both();
    while (tokens[next] === 'OR') {
      next += 1;
      // Evaluated first, so that its tokens are read in any case.
      met = both() || met;
    }
    return met;
  };
  const both = (): boolean => {
    let met = one();
    while (tokens[next] === 'AND') {
      next += 1;
      met = one() && met;
    }
    return met;
  };
  const one = (): boolean => {
    const token = tokens[next++];
    if (token !== '(') return token !== undefined && allowed.has(token);
    const met = either();
    return tokens[next++] === ')' && met;
  };
  return either() && next === tokens.length;
};
