import { AssertionError, deepStrictEqual } from 'node:assert';

/** Prints and counts the checks of a verification. */
export type Report = {
  /** Runs a check and prints its line: ok with the string it resolves to, or `WRONG` with its error. Never rejects. */
  check: (title: string, run: () => Promise<string | undefined>) => Promise<void>;
  /** Prints the line of a check that ran elsewhere; `undefined` as `problem` means ok. */
  record: (title: string, ms: number, problem?: string) => void;
  /** Prints a heading. */
  part: (title: string) => void;
  /** Prints that a check could not run, with the remedy. */
  notRun: (what: string, remedy: string) => void;
  /** Prints the totals and returns the exit status: 0 all ok, 1 something is wrong, 2 some checks could not run. */
  conclude: () => 0 | 1 | 2;
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const makeReport = (
  print: (line: string) => void,
  now: () => number = () => performance.now(),
): Report => {
  const began = now();
  let [ok, wrong] = [0, 0];
  const untried: string[] = [];
  const good = (title: string, ms: number, found?: string): void => {
    ok += 1;
    print(`  ok     ${title}${found === undefined ? '' : `: ${found}`} (${Math.round(ms)} ms)`);
  };
  const bad = (title: string, ms: number, problem: string): void => {
    wrong += 1;
    print(`  WRONG  ${title}: ${problem} (${Math.round(ms)} ms)`);
  };
  return {
    part: (title) => print(`\n${title}`),
    record: (title, ms, problem) => (problem === undefined ? good(title, ms) : bad(title, ms, problem)),
    check: async (title, run) => {
      const since = now();
      try {
        const found = await run();
        good(title, now() - since, found);
      } catch (error) {
        bad(title, now() - since, reasonOf(error));
      }
    },
    notRun: (what, remedy) => {
      untried.push(what);
      print(`  NOT RUN  ${what}: ${remedy}`);
    },
    conclude: () => {
      const seconds = Math.round((now() - began) / 1000);
      const counts = `${ok} checks ok, ${wrong} wrong, in ${seconds} s`;
      const verdict = wrong > 0 ? 'FAILED' : untried.length > 0 ? 'INCOMPLETE' : 'PASSED';
      const rest = untried.length > 0 ? `; not run: ${untried.join(', ')}` : '';
      print(`\nverify:aws ${verdict}: ${counts}${rest}`);
      return wrong > 0 ? 1 : untried.length > 0 ? 2 : 0;
    },
  };
};

/** @throws {Error} with both values, when `actual` does not deeply equal `expected` */
export const same = (what: string, actual: unknown, expected: unknown): void => {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    throw new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
};

/** @throws {Error} with the message `otherwise`, unless `holds` is truthy */
export function must(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
