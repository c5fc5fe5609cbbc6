/** One write: its time, its choice and the number of its tokens. Never text. */
export type Write = { t_ms: number; index: number; tokens: number };

/**
 * The times at which a completion's content was written to its socket, in ms on the machine's monotonic clock
 * (`process.hrtime`), each taken just before the write. `created_ms` is the request's arrival. An unstreamed answer has
 * one write per choice. Tokens that held only stop text are in no write.
 */
export type Emissions = {
  id: string;
  object: 'emissions';
  clock: 'process.hrtime';
  unit: 'ms';
  created_ms: number;
  writes: Write[];
};

const MAX_COMPLETIONS = 1_000;

export type EmissionLog = {
  open(id: string, createdMs: number): Emissions;
  find(id: string): Emissions | undefined;
};

/** Makes a log of the last 1,000 completions' emissions, in memory. */
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
      if (log.size > MAX_COMPLETIONS && !oldest.done) log.delete(oldest.value);
      return emissions;
    },
    find: (id) => log.get(id),
  };
};
