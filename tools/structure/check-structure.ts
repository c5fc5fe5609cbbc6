import { cruise, type ICruiseResult } from 'dependency-cruiser';

/**
 * The folders of `lib` in the order of their imports: a folder imports only itself and earlier ones. `adapters` is
 * last, since it implements the ports of all others.
 */
export const LIB_ORDER: readonly string[] = [
  'errors.ts',
  'json',
  'text',
  'async',
  'observe',
  'checks',
  'diversity',
  'sampling',
  'runs',
  'timing',
  'pricing',
  'vectors',
  'budget',
  'limits',
  'openai',
  'generate',
  'lifecycle',
  'embed',
  'search',
  'usage',
  'models',
  'keys',
  'estimate',
  'files',
  'batches',
  'comparisons',
  'export',
  'operate',
  'http',
  'adapters',
];

export type Structure = {
  /** The number of source files read. */
  files: number;
  /** Import cycles, type imports included: the files of each, in import order. */
  circles: string[][];
  /** Imports within `lib` of a later folder of LIB_ORDER, as `from -> to`. */
  upward: string[];
  /** Entries of `lib` that LIB_ORDER does not name. */
  unplaced: string[];
};

/**
 * Reads the imports of all source files below `folders`. Finds import cycles, and imports between folders of `lib` that
 * break LIB_ORDER. Type imports count too. Paths are relative to `root`.
 */
export const checkStructure = async (root: string, folders: readonly string[]): Promise<Structure> => {
  const { output } = await cruise([...folders], {
    baseDir: root,
    parser: 'swc', // dependency-cruiser cannot use the TypeScript compiler from version 7 on, which has another API
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    validate: true,
    ruleSet: { forbidden: [{ name: 'circle', severity: 'error', from: {}, to: { circular: true } }] },
  });
  if (typeof output === 'string')
    throw new Error('dependency-cruiser returned a text report instead of a result object');
  const modules = output.modules.filter(({ source }) => !source.includes('node_modules'));
  return {
    files: modules.filter(({ coreModule, couldNotResolve }) => !coreModule && !couldNotResolve).length,
    circles: circlesIn(output),
    upward: modules.flatMap(({ source, dependencies }) =>
      dependencies.flatMap(({ resolved }) => (runsUp(source, resolved) ? [`${source} -> ${resolved}`] : [])),
    ),
    unplaced: [...new Set(modules.map(({ source }) => placeOf(source)))].filter(
      (place) => place !== undefined && rankOf(place) < 0,
    ) as string[],
  };
};

/** Removes duplicates: a cycle is reported once for each of its files. */
const circlesIn = ({ summary }: ICruiseResult): string[][] => {
  const circles = summary.violations.map(({ from, cycle = [] }) =>
    cycle.map(({ name }) => name).concat(cycle.length === 0 ? [from] : []),
  );
  return [...new Map(circles.map((circle) => [circle.toSorted().join(), circle])).values()];
};

/** The folder (or file) of `lib` that contains a path; `undefined` outside `lib`. */
const placeOf = (path: string): string | undefined => /^lib\/([^/]+)/.exec(path)?.[1];

const rankOf = (place: string): number => LIB_ORDER.indexOf(place);

const runsUp = (from: string, to: string): boolean => {
  const [lower, upper] = [placeOf(from), placeOf(to)];
  return lower !== undefined && upper !== undefined && rankOf(upper) > rankOf(lower);
};
