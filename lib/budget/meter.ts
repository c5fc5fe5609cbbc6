import type { Reservation } from '../runs/run.ts';
import { type Amount, knownOf, minus, NOTHING, plus, type Spent } from './amount.ts';

/** Counts the attempts at one generation: nothing is sent that was not reserved first. */
export type AttemptMeter = {
  /**
   * Sets the bound of an attempt aside, before it is sent.
   * @throws {OverBudgetError} when that needs more than was reserved, and the budget does not cover it.
   */
  begin(bound: Amount): Promise<void>;
  /** Ends the attempt as one that used this; without it as one that may have used its whole bound. */
  end(usedOf?: (bound: Spent) => Spent): void;
};

/** Counts one worker's attempts at the generations of a run, within the run's reservation. */
export type RunMeter = {
  attemptsAt(index: number): AttemptMeter;
  /** The reservation with all its extensions so far. */
  reservation(): Reservation;
  /** The usage of ended attempts, and the most that those under way may use. */
  counted(): Spent;
};

/**
 * Makes the meter of a run whose reservation holds `bounds`, one attempt at each generation. An attempt that cannot have
 * been billed leaves its share to the next one; each other one needs a share of its own, which `extend` reserves.
 */
export const makeRunMeter = (
  reserved: Reservation,
  bounds: readonly Amount[],
  extend: (more: Spent, reservation: Reservation) => Promise<void>,
): RunMeter => {
  let reservation = reserved;
  let ended = NOTHING;
  const underWay = new Map<number, Spent>();
  let last: Promise<unknown> = Promise.resolve();

  // One after the other: each extension writes the whole reservation into the run.
  const reserveMore = async (more: Spent): Promise<void> => {
    const turn = last.then(async () => {
      const extended = { ...reservation, ...plus(reservation, more) };
      await extend(more, extended);
      reservation = extended;
    });
    last = turn.catch(() => {});
    await turn;
  };

  return {
    attemptsAt: (index) => {
      let left = knownOf(bounds[index] ?? NOTHING);
      return {
        begin: async (bound) => {
          const needed = knownOf(bound);
          const more = {
            tokens: Math.max(0, needed.tokens - left.tokens),
            nanoUsd: Math.max(0, needed.nanoUsd - left.nanoUsd),
          };
          if (more.tokens > 0 || more.nanoUsd > 0) {
            await reserveMore(more);
            left = plus(left, more);
          }
          left = minus(left, needed);
          underWay.set(index, needed);
        },
        end: (usedOf = (bound) => bound) => {
          const bound = underWay.get(index);
          if (bound === undefined) return;
          underWay.delete(index);
          const used = usedOf(bound);
          ended = plus(ended, used);
          if (used.tokens === 0 && used.nanoUsd === 0) left = plus(left, bound);
        },
      };
    },
    reservation: () => reservation,
    counted: () => [...underWay.values()].reduce(plus, ended),
  };
};
