import { serverError } from '../factories/generation.ts';

/**
 * What befalls an effect. `refused`: not applied, an error answered. `lost`: applied, yet an error answered.
 * `repeated`: applied, its answer lost, tried again by the client itself, and that try's answer is the one that counts.
 * `crash before` and `crash after`: the worker dies there, and nothing it would do later happens.
 */
export type Fault = 'refused' | 'lost' | 'repeated' | 'crash before' | 'crash after';
export const FAULTS: Fault[] = ['refused', 'lost', 'repeated', 'crash before', 'crash after'];

class Crash extends Error {}

/** Counts effects over all workers and lets the planned ones (by their number, from 1) go wrong. */
export const makeFaults = (plan: ReadonlyMap<number, Fault>) => {
  const effects: string[] = [];

  /** The ports as one worker has them: after its crash none of them does anything. */
  const worker = () => {
    let dead = false;
    const effect = async <T>(name: string, apply: () => Promise<T>): Promise<T> => {
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
      if (fault === 'repeated') return apply();
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
