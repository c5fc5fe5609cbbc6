import { cruise } from 'dependency-cruiser';
import type { Uses } from './check-licences.ts';

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
