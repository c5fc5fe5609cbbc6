import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import { type BundleSize, sizeOf } from './bundle-size.ts';

type Definition = {
  custom: {
    esbuild: Omit<BuildOptions, 'plugins'> & {
      concurrency: number;
      outputFileExtension: string;
      plugins: string;
    };
  };
  functions: Record<string, { handler: string }>;
};

/**
 * A function's bundle: the source files that it is made of, by their paths below `root`; the text of each file of the
 * bundle, by its name: the function's own, and those of its chunks; and its size.
 */
export type Bundle = {
  files: string[];
  texts: Map<string, string>;
  size: BundleSize;
  /** Modules of CommonJS behind an import(): their chunk has a default export alone, so names taken from it are undefined. */
  nameless: string[];
};

/** Bundles each function of serverless.yml as packaging does, by name. Nothing is written. */
export const bundleFunctions = async (root: string): Promise<Map<string, Bundle>> => {
  const { custom, functions }: Definition = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), {
    logLevel: 'silent', // of CloudFormation's tags
  });
  const { concurrency, outputFileExtension, ...options } = custom.esbuild;
  const plugins: Plugin[] = createRequire(import.meta.url)(join(root, options.plugins));
  const bundles = Object.entries(functions).map(async ([name, { handler }]): Promise<[string, Bundle]> => {
    const entry = handler.replace(/\.\w+$/, '.ts');
    const { metafile, outputFiles } = await build({
      ...{ ...options, plugins },
      ...{ absWorkingDir: root, entryPoints: [entry], metafile: true, write: false, logLevel: 'silent' },
      ...{ outdir: dirname(entry), outExtension: { '.js': outputFileExtension } },
    });
    const texts = outputFiles.map(({ path, text }): [string, string] => [basename(path), text]);
    return [
      name,
      {
        files: Object.keys(metafile.inputs),
        texts: new Map(texts),
        size: sizeOf(metafile, entry),
        nameless: namelessIn(metafile),
      },
    ];
  });
  return new Map(await Promise.all(bundles));
};

const namelessIn = ({ inputs, outputs }: Metafile): string[] => {
  const chunks = Object.values(outputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => outputs[path]?.entryPoint),
  );
  return [...new Set(chunks)].filter(
    (file) => file !== undefined && inputs[file]?.format === 'cjs',
  ) as string[];
};
