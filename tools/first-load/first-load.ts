import { gunzipSync } from 'node:zlib';
import type { PackedDashboard } from '../../lib/http/service/packed-asset.ts';

/** A script, with the names of those that it needs at once, of those that it may import later, and of its styles. */
type Chunk = {
  name: string;
  isEntry: boolean;
  imports: string[];
  dynamicImports: string[];
  styles: string[];
};

/** The result of infra/build-dashboard.cjs. */
export type DashboardBuild = PackedDashboard & {
  chunks: Chunk[];
  /** The paths of all files that scripts are made of. */
  modules: string[];
};

/** A file's bytes, and those that are sent. */
export type FileSize = { name: string; raw: number; sent: number };

export type FirstLoad = {
  /** All that a browser fetches before the dashboard is there. */
  files: FileSize[];
  sent: number;
  /** Each script that is imported later, with the files that it adds. */
  later: { name: string; files: FileSize[]; sent: number }[];
};

/**
 * The files that a browser fetches: the page, those that it names, the scripts that these import at once, their styles, and
 * the files of styles. It is an upper bound, since a browser leaves out fonts that it does not need.
 *
 * @param home the script of the page that opens without an address; imported later, but fetched at once
 */
export const firstLoadOf = ({ html, assets, chunks }: DashboardBuild, home?: string): FirstLoad => {
  const assetOf = new Map(assets.map((asset) => [asset.name, asset]));
  const chunkOf = new Map(chunks.map((chunk) => [chunk.name, chunk]));
  const textOf = (name: string): string =>
    gunzipSync(Buffer.from(assetOf.get(name)?.gzip ?? '', 'base64')).toString();
  const neededBy = (name: string): string[] => {
    const { imports, styles } = chunkOf.get(name) ?? { imports: [], styles: [] };
    return [...imports, ...styles, ...(name.endsWith('.css') ? namesIn(textOf(name), assetOf) : [])];
  };
  const sizeOf = (name: string): FileSize => ({
    name,
    raw: Buffer.byteLength(gunzipSync(Buffer.from(assetOf.get(name)?.gzip ?? '', 'base64'))),
    sent: Buffer.byteLength(assetOf.get(name)?.gzip ?? '', 'base64'),
  });

  const entries = chunks.filter(({ isEntry }) => isEntry).map(({ name }) => name);
  const opened = chunks.filter(({ name }) => name.replace(HASH, '') === home).map(({ name }) => name);
  if (home !== undefined && opened.length === 0) throw new Error(`the build has no script ${home}`);
  const first = closureOf([...entries, ...opened, ...namesIn(html, assetOf)], neededBy);
  // The page itself is sent as it is.
  const page = { name: 'index.html', raw: Buffer.byteLength(html), sent: Buffer.byteLength(html) };
  const files = [page, ...[...first].map(sizeOf)];
  const all = closureOf(entries, (name) => [...neededBy(name), ...(chunkOf.get(name)?.dynamicImports ?? [])]);
  const later = [...all]
    .filter((name) => chunkOf.has(name) && !first.has(name) && isImportedLater(name, chunks))
    .toSorted()
    .map((name) => {
      const own = [...closureOf([name], neededBy)].filter((each) => !first.has(each)).map(sizeOf);
      return { name, files: own, sent: sum(own) };
    });
  return { files, sent: sum(files), later };
};

const sum = (files: FileSize[]): number => files.reduce((total, { sent }) => total + sent, 0);

const isImportedLater = (name: string, chunks: Chunk[]): boolean =>
  chunks.some(({ dynamicImports }) => dynamicImports.includes(name));

const HASH = /-[\w-]{8}\.js$/;

/** The names of assets that a text contains. */
const namesIn = (text: string, assets: ReadonlyMap<string, unknown>): string[] =>
  [...text.matchAll(/[\w.-]+-[\w-]{8}\.\w+/g)].map(([name]) => name).filter((name) => assets.has(name));

const closureOf = (names: string[], neededBy: (name: string) => string[]): Set<string> => {
  const found = new Set(names);
  // A set that is read also yields what is added meanwhile.
  for (const name of found) for (const needed of neededBy(name)) found.add(needed);
  return found;
};
