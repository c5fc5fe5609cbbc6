import { serverError } from '../factories/generation.ts';

/**
 * What befalls an effect. `refused`: not applied, an error answered. `lost`: applied, yet an error answered.
 * `repeated`: applied, its answer lost, tried again by the client itself, and that try's answer is the one that counts.
 * `crash before` and `crash after`: the worker dies there, and nothing it would do later happens.
 */
export type Fault = 'refused' | 'lost' | 'repeated' | 'crash before' | 'crash after';
export const FAULTS: Fault[] = ['refused', 'lost', 'repeated', 'crash before', 'crash after'];

/** The places where a worker can be lost: for each effect, before it, after it, and with its answer unheard. */
export type CrashPoint = Extract<Fault, 'lost' | 'crash before' | 'crash after'>;
export const CRASH_POINTS: CrashPoint[] = ['crash before', 'crash after', 'lost'];

/** Their clients are told not to try again: what was applied once would count twice. */
const NEVER_REPEATED = ['spend.adjust'];

class Crash extends Error {}

/**
 * Counts effects over all workers and lets the planned ones (by their number, from 1) go wrong. With `turn` each
 * waits for it first, so that a test orders the effects of workers that go on at once.
 */
export const makeFaults = (plan: ReadonlyMap<number, Fault>, turn?: () => Promise<void>) => {
  const effects: string[] = [];

  /** The ports as one worker has them: after its crash none of them does anything. */
  const worker = () => {
    let dead = false;
    const effect = async <T>(name: string, apply: () => Promise<T>): Promise<T> => {
      if (turn && !dead) await turn();
      if (dead) throw new Crash(name);
      const fault = plan.get(effects.push(name));
      if (fault === 'refused') throw serverError();
      if (fault === 'crash before') {
        dead = true;
        throw new Crash(name);
      }
      const answer = await apply();
      if (fault === 'crash after') dead = true;
      if (dead) throw new Crash(name);
      if (fault === 'lost') throw serverError();
      if (fault === 'repeated' && !NEVER_REPEATED.includes(name)) return apply();
      return answer;
    };
    const call =
      <A extends unknown[], T>(name: string, method: (...args: A) => Promise<T>) =>
      (...args: A) =>
        effect(name, () => method(...args));
    const port = <P extends object>(name: string, methods: P): P =>
      Object.fromEntries(
        Object.entries(methods).map(([key, method]) => [
          key,
          typeof method === 'function'
            ? call(`${name}.${key}`, method as (...args: unknown[]) => Promise<unknown>)
            : method,
        ]),
      ) as P;
    return { call, port };
  };

  return { effects, worker };
};

export type Faults = ReturnType<typeof makeFaults>;
