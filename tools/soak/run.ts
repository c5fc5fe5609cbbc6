import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryAllCrashPairs } from './crash-pairs.ts';
import { readOptions } from './options.ts';
import { holds, reportOf } from './report.ts';
import { soak } from './soak.ts';
import { UsageError } from './usage-error.ts';

const main = async (): Promise<void> => {
  const args = process.argv.slice(2);
  if (args.join() === '--crash') {
    await tryAllCrashPairs(console.log);
    return;
  }
  const options = readOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-soak-'));
  const { minutes, seed, killEverySeconds, requests, files } = options;
  console.log(
    `soak: ${minutes} minutes, seed ${seed}, kill -9 every ${killEverySeconds} s, then ${requests} fuzzed requests and ${files} files, data in ${folder}`,
  );
  const result = await soak(options, folder, console.log);
  console.log(reportOf(options, result));
  if (holds(result)) rmSync(folder, { recursive: true, force: true });
  else {
    console.log(`what is stored, and what the stack said, is kept in ${folder}`);
    process.exitCode = 1;
  }
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
