import { UsageError } from './usage-error.ts';

const BENCHES: Record<string, () => Promise<{ run(args: string[]): Promise<void> }>> = {
  truth: () => import('./truth/truth.ts'),
  files: () => import('./files/files.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
try {
  if (!load) throw new UsageError(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--flags]`);
  await (await load()).run(args);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
