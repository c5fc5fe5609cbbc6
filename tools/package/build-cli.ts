import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** Commands that run the local stack. It is built from the repository's sources, which the package has not. */
const OF_A_CHECKOUT = /\/cli\/commands\/(start|demo)\.ts$/;

const withoutLocalStack: Plugin = {
  name: 'without-local-stack',
  setup: ({ onLoad }) => {
    onLoad({ filter: OF_A_CHECKOUT }, () => ({
      contents: "export { define } from './needs-checkout.ts';",
      loader: 'ts',
      resolveDir: import.meta.dirname,
    }));
  },
};

/**
 * Builds the command line of the package into `folder`: a module for each command, loaded when it is called, with all
 * that it uses, so that the package has no dependencies for it. `THIRD-PARTY.txt` has the licences of these packages.
 * Resolves to esbuild's account of what is in which module.
 */
export const buildCli = async (root: string, folder: string): Promise<Metafile> => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/everytoken.ts'],
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    logLevel: 'warning',
    inject: ['tools/package/node-20.ts'],
    plugins: [withoutLocalStack],
    banner: {
      // Some packages are CommonJS code that calls require(), which ES modules do not have.
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => PACKAGE.exec(path)?.[0] ?? []));
  const notices = [...packages].sort().map((path) => noticeOf(join(root, path)));
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), `${notices.join(`\n${'-'.repeat(80)}\n`)}\n`);
  return metafile;
};

const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE_FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'UNLICENSE'];

const noticeOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = LICENCE_FILES.map((each) => join(folder, each)).find((path) => existsSync(path));
  return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(file, 'utf8').trim()}`;
};
