/** A timed step; `lines` is how many lines passed through it, absent where that has no meaning. */
export type Phase = { name: string; ms: number; lines?: number };

/** Times phases. Prints each one as it begins, and its progress at most every ten seconds. */
export const makePhases = (print: (line: string) => void) => {
  const startedAt = performance.now();
  const phases: Phase[] = [];
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`.padStart(6);
  let printedAt = 0;
  return {
    phases,
    tell: (line: string): void => print(`${seconds()}  ${line}`),
    /** Prints a line unless one was printed in the last ten seconds. */
    progress: (line: string): void => {
      if (performance.now() - printedAt < PROGRESS_MS) return;
      printedAt = performance.now();
      print(`${seconds()}    ${line}`);
    },
    run: async <T>(name: string, work: () => Promise<T>, lines?: number): Promise<T> => {
      print(`${seconds()}  ${name}`);
      const from = performance.now();
      printedAt = from;
      const result = await work();
      phases.push({ name, ms: performance.now() - from, ...(lines !== undefined && { lines }) });
      return result;
    },
  };
};

const PROGRESS_MS = 10_000;

export type Phases = ReturnType<typeof makePhases>;

const NAME_WIDTH = 66;

export const phaseTable = (phases: readonly Phase[]): string[] => [
  `${''.padEnd(NAME_WIDTH)}${'seconds'.padStart(9)}${'lines a second'.padStart(16)}`,
  ...phases.map(({ name, ms, lines }) => {
    const rate = lines === undefined || ms === 0 ? '' : ((lines * 1000) / ms).toFixed(0);
    return `${name.padEnd(NAME_WIDTH)}${(ms / 1000).toFixed(1).padStart(9)}${rate.padStart(16)}`.trimEnd();
  }),
];
