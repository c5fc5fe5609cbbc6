import { UpstreamError } from '../../lib/errors.ts';
import { serverError } from '../factories/generation.ts';

/**
 * A fault at an effect. `refused`: not applied, and an error returned. `lost`: applied, yet an error returned.
 * `repeated`: applied, its answer lost, and retried by the client itself, so that the answer of the retry counts.
 * `crash before` and `crash after`: the worker dies there and has no further effects.
 */
export type Fault = 'refused' | 'lost' | 'repeated' | 'crash before' | 'crash after';
export const FAULTS: Fault[] = ['refused', 'lost', 'repeated', 'crash before', 'crash after'];

/** Faults that can lose a worker: before an effect, after it, and after it with its answer lost. */
export type CrashPoint = Extract<Fault, 'lost' | 'crash before' | 'crash after'>;
export const CRASH_POINTS: CrashPoint[] = ['crash before', 'crash after', 'lost'];

/** Clients of these effects do not retry, since a write applied twice would count twice. */
const NEVER_REPEATED = ['spend.adjust', 'load.leave'];

class Crash extends Error {}

/**
 * Counts the effects of all workers and lets the planned ones (by their number, from 1) fail. With `turn` each effect
 * waits for it first, so that a test orders the effects of concurrent workers.
 */
export const makeFaults = (plan: ReadonlyMap<number, Fault>, turn?: () => Promise<void>) => {
  const effects: string[] = [];

  /** The ports as one worker has them: after its crash every call does nothing. */
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
      if (fault === 'lost')
        throw new UpstreamError('dynamodb', 'the connection broke before the answer came');
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
