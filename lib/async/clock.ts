/** Time, ids and randomness, handed in. `now`: epoch ms; `monotonic`: ms, never goes back. */
export type Clock = { now(): number; monotonic(): number };

/** A fraction in [0, 1). */
export type Random = () => number;
