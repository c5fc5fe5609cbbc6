/** One write: its instant, the choice it belongs to and how many tokens it carried. Never text. */
export type Write = { t_ms: number; index: number; tokens: number };

/**
 * When the content of a completion went to its socket, on the machine's monotonic clock (`process.hrtime`), in ms;
 * `created_ms` is when its request came. The instant is taken just before the write. A whole answer has one write a
 * choice. Tokens that held only stop text were never written and are in no write.
 */
export type Emissions = {
  id: string;
  object: 'emissions';
  clock: 'process.hrtime';
  unit: 'ms';
  created_ms: number;
  writes: Write[];
};

const KEPT = 1_000;

export type EmissionLog = {
  open(id: string, createdMs: number): Emissions;
  find(id: string): Emissions | undefined;
};

/** The emissions of the last 1,000 completions, in memory. */
export const makeEmissionLog = (): EmissionLog => {
  const log = new Map<string, Emissions>();
  return {
    open(id, createdMs) {
      const emissions: Emissions = {
        id,
        object: 'emissions',
        clock: 'process.hrtime',
        unit: 'ms',
        created_ms: createdMs,
        writes: [],
      };
      log.set(id, emissions);
      const oldest = log.keys().next();
      if (log.size > KEPT && !oldest.done) log.delete(oldest.value);
      return emissions;
    },
    find: (id) => log.get(id),
  };
};
