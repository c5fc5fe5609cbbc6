import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enumerate, type Tally, tallyLines } from '../../test/crash/enumerate.ts';
import { SCENARIOS } from '../../test/crash/scenarios.ts';
import { exitOnSignal, runCommand } from '../command.ts';
import { type CrashOptions, readCrashOptions, readOptions } from './options.ts';
import { holds, reportOf } from './report.ts';
import { soak } from './soak.ts';

const PROGRESS_MS = 5_000;

/**
 * Tries every fault at every effect, and pairs of crash points, in every scenario, including the scenarios of files, of
 * which `npm test` tries few pairs. Rejects at the first combination that fails.
 */
const tryCrashPairs = async (
  { pairs: most, seed }: CrashOptions,
  print: (line: string) => void,
): Promise<void> => {
  if (most < Infinity) print(`at most ${most} pairs of each scenario, drawn by seed ${seed}`);
  const tallies: Tally[] = [];
  for (const scenario of SCENARIOS) {
    let printedAt = performance.now();
    const progress = (tried: number, of: number) => {
      if (performance.now() - printedAt < PROGRESS_MS) return;
      printedAt = performance.now();
      print(`${scenario.name}: ${tried} of ${of} pairs`);
    };
    tallies.push(await enumerate(scenario, { most, seed, progress }));
  }
  for (const line of tallyLines(tallies)) print(line);
};

exitOnSignal();
await runCommand(async () => {
  const args = process.argv.slice(2);
  const crash = readCrashOptions(args);
  if (crash) {
    await tryCrashPairs(crash, console.log);
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
  console.log(`the stored state and the stack's log are kept in ${folder}`);
  return 1;
});
