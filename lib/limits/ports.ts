/** The limits of one caller, as an operator has set them; null: the deployment's. */
export type CallerLimits = { requestsPerSecond: number | null; runsInFlight: number | null };

export type LimitStore = {
  get(caller: string): Promise<CallerLimits | undefined>;
  /** `undefined` removes the caller's own limits. */
  set(caller: string, limits: CallerLimits | undefined): Promise<void>;
};

/** How a run is generated: by the request that asked for it, or by a worker of the jobs queue. */
export type Door = 'direct' | 'jobs';

/** A caller's runs in one window of time. */
export type Load = {
  /** Runs in flight that are counted in this window, by door. */
  direct: number;
  jobs: number;
  /** Runs that have ended in this window, and how long these took together, in ms. */
  ended: number;
  tookMs: number;
};

/** Counts what each caller has under way, by numbered windows of time. Each method that writes makes a single write. */
export type LoadStore = {
  /** Adds requests to a window and returns the window's new count. */
  addRequests(caller: string, window: number, requests: number): Promise<number>;
  /**
   * Adds `runs`, 1 when left out, unless the window would then count more than `most`. Resolves to the window's new
   * count, or to undefined when it added none.
   */
  enter(caller: string, window: number, door: Door, most: number, runs?: number): Promise<number | undefined>;
  /**
   * Takes `runs`, 1 when left out, out of a window; those that have ended bring how long each took. Throws on failure
   * and never retries: the write may have been applied.
   */
  leave(
    caller: string,
    window: number,
    door: Door,
    left?: { runs?: number | undefined; tookMs?: number | undefined },
  ): Promise<void>;
  /** Strongly consistent. */
  load(caller: string, window: number): Promise<Load>;
  /** When the last turn is that was taken, epoch ms; 0 if none was. Eventually consistent. */
  lastTurn(caller: string): Promise<number>;
  /**
   * Takes the next turn, `gapMs` after the last one, or after `now` if that is later, and returns its time. Undefined,
   * taking none, when the last turn is later than `until`.
   */
  takeTurn(caller: string, turn: { now: number; until: number; gapMs: number }): Promise<number | undefined>;
};
