import type { Metafile } from 'esbuild';

/**
 * The bytes of a function's bundle: `start` is what its environment loads before its first event, `all` what is uploaded,
 * before it is compressed. `largest` are the packages and folders that `start` is made of, the largest first.
 */
export type BundleSize = { start: number; all: number; largest: [name: string, bytes: number][] };

/** The sizes that were recorded for each function, by its name. */
export type RecordedSizes = Record<string, Pick<BundleSize, 'start' | 'all'>>;

/** How much a bundle may grow beyond what is recorded. */
const MOST_GROWTH = 0.05;
const LISTED = 8;

/** The size of a bundle by esbuild's metafile. Chunks that the file of `entry` imports at once belong to its start. */
export const sizeOf = ({ outputs }: Metafile, entry: string): BundleSize => {
  const [own] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? [];
  if (own === undefined) throw new Error(`no file of the bundle is made of ${entry}`);
  const loaded = new Set([own]);
  for (const path of loaded) {
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && imported in outputs) loaded.add(imported);
  }
  const parts = new Map<string, number>();
  for (const path of loaded) {
    for (const [file, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {}))
      parts.set(partOf(file), (parts.get(partOf(file)) ?? 0) + bytesInOutput);
  }
  return {
    start: sum([...loaded].map((path) => outputs[path]?.bytes ?? 0)),
    all: sum(Object.values(outputs).map(({ bytes }) => bytes)),
    largest: [...parts].sort(([, a], [, b]) => b - a).slice(0, LISTED),
  };
};

/** The package of a file, or the first two folders of one of ours. */
const partOf = (file: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file.split('/').slice(0, 2).join('/');

/** A sentence for each size of a function that grew by more than 5 % beyond its record, or that has none. */
export const growthOf = (sizes: ReadonlyMap<string, BundleSize>, recorded: RecordedSizes): string[] =>
  [...sizes].flatMap(([name, size]) => {
    const before = recorded[name];
    if (before === undefined)
      return [`${name} has no recorded size; record it by: npm run bundles -- --write`];
    return (['start', 'all'] as const).flatMap((part) =>
      size[part] > before[part] * (1 + MOST_GROWTH) ? [grown(name, part, size, before[part])] : [],
    );
  });

const grown = (name: string, part: 'start' | 'all', size: BundleSize, before: number): string => {
  const percent = (100 * (size[part] / before - 1)).toFixed(1);
  const what = part === 'start' ? `${name} starts with` : `the bundle of ${name} has`;
  const largest = size.largest.map(([module, bytes]) => `${module} ${bytes}`).join(', ');
  return `${what} ${size[part]} bytes, ${percent} % over the ${before} recorded; its start is made of ${largest}; load what is seldom needed by import(), or record the size by: npm run bundles -- --write`;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
