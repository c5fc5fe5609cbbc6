import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import type { Uses } from './check-licences.ts';

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

/** A function's bundle: the files that it is made of, by their paths below `root`, and its text. */
export type Bundle = { files: string[]; text: string };

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
    });
    return [name, { files: Object.keys(metafile.inputs), text: outputFiles[0]?.text ?? '' }];
  });
  return new Map(await Promise.all(bundles));
};

/** The packages that each source file below `folders` imports, type imports included. */
export const importsOf = async (root: string, folders: readonly string[]): Promise<Uses['imports']> => {
  const { output } = await cruise([...folders], {
    baseDir: root,
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser returned a text report');
  return new Map(
    output.modules.map(({ source, dependencies }) => [
      source,
      dependencies.flatMap(({ module }) => /^(?:@[^/]+\/)?[^./@][^/]*/.exec(module)?.[0] ?? []),
    ]),
  );
};
