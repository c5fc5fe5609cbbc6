import { randomUUID } from 'node:crypto';
import type { LambdaFunction } from '../template/stack-model.ts';
import { type ByteSink, type Environment, FunctionError, startEnvironment } from './start-environment.ts';

export type FunctionPoolOptions = {
  functions: ReadonlyMap<string, LambdaFunction>;
  /** The folder of a function's unpacked bundle. */
  bundles: (functionId: string) => string;
  /** All variables of a function's environment. */
  environmentOf: (fn: LambdaFunction) => Record<string, string>;
  /** The most environments that a function has at once. */
  limitOf: (functionId: string) => number;
  /** How long an idle environment is kept, in ms. */
  idleMs: number;
  cacheFolder: string;
  /** Called once for each environment, after its bundle is loaded and before its first event. */
  onReady?: ((functionId: string, environment: Environment) => void) | undefined;
  log: (line: string) => void;
};

type InvokeOptions = { requestId?: string; sink?: ByteSink };

export type FunctionPool = {
  /**
   * Runs a function on an event; waits while all of the function's environments are busy.
   * Resolves to the answer as JSON, or `undefined` when it streamed into `sink`.
   *
   * @throws {FunctionError} when the function failed, crashed or timed out.
   */
  invoke: (functionId: string, event: unknown, options?: InvokeOptions) => Promise<string | undefined>;
  /** Starts one environment before the first event; resolves even if its bundle does not load. */
  warm: (functionId: string) => Promise<void>;
  /** Gives running events `graceMs` to finish, then kills all environments. */
  close: (graceMs: number) => Promise<void>;
};

type Slot = { environment: Environment; retire: NodeJS.Timeout | undefined };
type Crew = { idle: Slot[]; count: number; waiting: (() => void)[] };

/** Collects a streamed answer for a caller that wants it whole, as in a synchronous invocation. */
const collector = (): ByteSink & { text: () => string } => {
  const chunks: Uint8Array[] = [];
  return {
    write: async (chunk) => void chunks.push(chunk),
    end: () => {},
    text: () => Buffer.concat(chunks).toString(),
  };
};

/**
 * Makes a pool that runs Lambda functions, each in processes of its own.
 *
 * @example
 * const pool = makeFunctionPool(options);
 * const answer = JSON.parse((await pool.invoke('SweepLambdaFunction', { reconcile: 'all' })) ?? 'null');
 * await pool.close(1_000);
 */
export const makeFunctionPool = (options: FunctionPoolOptions): FunctionPool => {
  const { functions, bundles, environmentOf, limitOf, idleMs, cacheFolder, log } = options;
  const crews = new Map<string, Crew>(
    [...functions.keys()].map((id) => [id, { idle: [], count: 0, waiting: [] }]),
  );
  const environments = new Set<Environment>();
  const running = new Set<Promise<unknown>>();
  let closing = false;

  const known = (functionId: string): { fn: LambdaFunction; crew: Crew } => {
    const [fn, crew] = [functions.get(functionId), crews.get(functionId)];
    if (!fn || !crew) throw new Error(`No function ${functionId} in the template`);
    return { fn, crew };
  };

  const start = (fn: LambdaFunction): Slot => {
    const started = startEnvironment({
      ...fn,
      folder: bundles(fn.id),
      environment: environmentOf(fn),
      cacheFolder,
      log,
    });
    const ready = started.ready.then(() => options.onReady?.(fn.id, environment));
    ready.catch(() => {});
    const environment: Environment = { ...started, ready };
    environments.add(environment);
    environment.exited.then(() => environments.delete(environment));
    return { environment, retire: undefined };
  };

  const acquire = async ({ fn, crew }: { fn: LambdaFunction; crew: Crew }): Promise<Slot> => {
    for (;;) {
      if (closing)
        throw new FunctionError({
          errorType: 'Sandbox.Stopped',
          errorMessage: 'The local stack is stopping',
        });
      const slot = crew.idle.pop();
      if (slot) {
        clearTimeout(slot.retire);
        if (slot.environment.alive()) return slot;
        crew.count -= 1;
      } else if (crew.count < limitOf(fn.id)) {
        crew.count += 1;
        return start(fn);
      } else {
        await new Promise<void>((resolve) => crew.waiting.push(resolve));
      }
    }
  };

  const release = (crew: Crew, slot: Slot): void => {
    if (slot.environment.alive() && !closing) {
      slot.retire = setTimeout(() => {
        crew.idle = crew.idle.filter((other) => other !== slot);
        crew.count -= 1;
        slot.environment.kill();
      }, idleMs);
      crew.idle.push(slot);
    } else {
      crew.count -= 1;
    }
    crew.waiting.shift()?.();
  };

  const run = async (functionId: string, event: unknown, { requestId, sink }: InvokeOptions) => {
    const { fn, crew } = known(functionId);
    const slot = await acquire({ fn, crew });
    const whole = sink ? undefined : collector();
    try {
      await slot.environment.ready;
      const target = sink ?? whole ?? collector();
      const payload = await slot.environment.run(JSON.stringify(event), requestId ?? randomUUID(), target);
      return payload ?? whole?.text();
    } catch (error) {
      if (error instanceof FunctionError && !closing) log(`${fn.name}: ${error.errorType}: ${error.message}`);
      throw error;
    } finally {
      release(crew, slot);
    }
  };

  return {
    invoke: (functionId, event, invokeOptions = {}) => {
      const result = run(functionId, event, invokeOptions);
      const settled = result.then(
        () => {},
        () => {},
      );
      running.add(settled);
      settled.then(() => running.delete(settled));
      return result;
    },
    warm: async (functionId) => {
      const { fn, crew } = known(functionId);
      crew.count += 1;
      const slot = start(fn);
      await slot.environment.ready.catch((error: Error) => log(`${fn.name}: ${error.message}`));
      release(crew, slot);
    },
    close: async (graceMs) => {
      closing = true;
      for (const crew of crews.values()) for (const wake of crew.waiting.splice(0)) wake();
      for (const crew of crews.values()) for (const { retire } of crew.idle) clearTimeout(retire);
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, graceMs);
      await Promise.race([Promise.all(running), grace.promise]);
      clearTimeout(timer);
      const exits = [...environments].map(({ exited, kill }) => {
        kill();
        return exited;
      });
      await Promise.all(exits);
    },
  };
};
