import { runCommand, UsageError } from '../command.ts';

/** A benchmark takes the arguments after its name and resolves to the exit status. */
type Bench = { run(args: string[]): Promise<number> };

const BENCHES: Record<string, () => Promise<Bench>> = {
  truth: () => import('./truth/truth.ts'),
  start: () => import('./start/start.ts'),
  files: () => import('./files/files.ts'),
  stream: () => import('./stream/stream.ts'),
  relay: () => import('./relay/relay.ts'),
  fair: () => import('./fair/fair.ts'),
  comparisons: () => import('./comparisons/comparisons.ts'),
  export: () => import('./export/export.ts'),
  search: () => import('./search/search.ts'),
  dashboard: () => import('./dashboard/dashboard.ts'),
  cli: () => import('./cli/cli.ts'),
  grow: () => import('./grow/grow.ts'),
  pipeline: () => import('./pipeline/pipeline.ts'),
};

await runCommand(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load) throw new UsageError(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--flags]`);
  return (await load()).run(args);
});
