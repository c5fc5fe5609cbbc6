import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOnSignal, runCommand } from '../command.ts';
import { tryAllCrashPairs } from './crash-pairs.ts';
import { readOptions } from './options.ts';
import { holds, reportOf } from './report.ts';
import { soak } from './soak.ts';

exitOnSignal();
await runCommand(async () => {
  const args = process.argv.slice(2);
  if (args.join() === '--crash') {
    await tryAllCrashPairs(console.log);
    return 0;
  }
  const options = readOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-soak-'));
  const { minutes, seed, killEverySeconds, requests, files } = options;
  console.log(
    `soak: ${minutes} minutes, seed ${seed}, kill -9 every ${killEverySeconds} s, then ${requests} fuzzed requests and ${files} files, data in ${folder}`,
  );
  const result = await soak(options, folder, console.log);
  console.log(reportOf(options, result));
  if (holds(result)) {
    rmSync(folder, { recursive: true, force: true });
    return 0;
  }
  console.log(`what is stored, and what the stack said, is kept in ${folder}`);
  return 1;
});
