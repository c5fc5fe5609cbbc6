import { cruise, type ICruiseResult } from 'dependency-cruiser';

/**
 * The folders of `lib` from the ground up. A folder imports only itself and folders named before it; `adapters` stand
 * last, since they implement the ports of all others.
 */
export const LIB_ORDER: readonly string[] = [
  'errors.ts',
  'json',
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
  'openai',
  'generate',
  'lifecycle',
  'embed',
  'search',
  'usage',
  'models',
  'keys',
  'files',
  'comparisons',
  'operate',
  'http',
  'adapters',
];

export type Structure = {
  /** Source files that were read. */
  files: number;
  /** Circles of imports, type imports included: the files of each, in the order of the imports. */
  circles: string[][];
  /** Imports within `lib` that run up, as `from -> to`. */
  upward: string[];
  /** Entries of `lib` that LIB_ORDER does not name. */
  unplaced: string[];
};

/**
 * Reads the imports of all source files below `folders` and finds circles among them, and imports that run up between
 * folders of `lib`. Type imports count as all others do. Paths are relative to `root`.
 */
export const checkStructure = async (root: string, folders: readonly string[]): Promise<Structure> => {
  const { output } = await cruise([...folders], {
    baseDir: root,
    parser: 'swc', // the TypeScript compiler has no API that dependency-cruiser knows from version 7 on
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    validate: true,
    ruleSet: { forbidden: [{ name: 'circle', severity: 'error', from: {}, to: { circular: true } }] },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave a report in place of its result');
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

/** Each circle once, whichever of its files it was met from. */
const circlesIn = ({ summary }: ICruiseResult): string[][] => {
  const circles = summary.violations.map(({ from, cycle = [] }) =>
    cycle.map(({ name }) => name).concat(cycle.length === 0 ? [from] : []),
  );
  return [...new Map(circles.map((circle) => [circle.toSorted().join(), circle])).values()];
};

/** The folder (or file) of `lib` that a path is in; `undefined` outside of `lib`. */
const placeOf = (path: string): string | undefined => /^lib\/([^/]+)/.exec(path)?.[1];

const rankOf = (place: string): number => LIB_ORDER.indexOf(place);

const runsUp = (from: string, to: string): boolean => {
  const [lower, upper] = [placeOf(from), placeOf(to)];
  return lower !== undefined && upper !== undefined && rankOf(upper) > rankOf(lower);
};
