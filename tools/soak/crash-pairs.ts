import { enumerate, type Tally, tallyLines } from '../../test/crash/enumerate.ts';
import { SCENARIOS } from '../../test/crash/scenarios.ts';

const PROGRESS_MS = 5_000;

/**
 * Tries each fault at each effect, and all pairs of crash points, of every scenario, those of files included (which
 * `npm test` only samples). Half an hour. Rejects at the first that does not hold.
 */
export const tryAllCrashPairs = async (print: (line: string) => void): Promise<Tally[]> => {
  const tallies: Tally[] = [];
  for (const scenario of SCENARIOS) {
    let saidAt = performance.now();
    const progress = (tried: number, of: number) => {
      if (performance.now() - saidAt < PROGRESS_MS) return;
      saidAt = performance.now();
      print(`${scenario.name}: ${tried} of ${of} pairs`);
    };
    tallies.push(await enumerate(scenario, { progress }));
  }
  for (const line of tallyLines(tallies)) print(line);
  return tallies;
};
