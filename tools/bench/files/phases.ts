/** A stretch of the work: how long it took and, where lines went through, how many. */
export type Phase = { name: string; ms: number; lines?: number };

/** Tells of each phase as it begins and ends, and of its progress every ten seconds. */
export const makePhases = (print: (line: string) => void) => {
  const startedAt = performance.now();
  const phases: Phase[] = [];
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`.padStart(6);
  let toldAt = 0;
  return {
    phases,
    tell: (line: string): void => print(`${seconds()}  ${line}`),
    /** For what is told again and again. */
    progress: (line: string): void => {
      if (performance.now() - toldAt < PROGRESS_MS) return;
      toldAt = performance.now();
      print(`${seconds()}    ${line}`);
    },
    run: async <T>(name: string, work: () => Promise<T>, lines?: number): Promise<T> => {
      print(`${seconds()}  ${name}`);
      const from = performance.now();
      toldAt = from;
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
