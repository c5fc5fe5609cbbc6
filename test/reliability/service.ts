import type { Hono } from 'hono';
import { makeAuthenticate, withRequestLimit } from '../../lib/http/authenticate.ts';
import type { HttpEnv } from '../../lib/http/base-app.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { parseApiKeys } from '../../lib/keys/api-key.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { makeCountRequest } from '../../lib/limits/request-rate.ts';
import { readTrace, readWhole } from '../../lib/runs/read-run.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { type Fault, makeFaults } from '../crash/faults.ts';
import { makeMachine } from '../crash/machine.ts';
import { makeWholeApi, wholeUseCases } from '../fixtures/whole-api.ts';
import { makeWorld, type World } from '../memory/world.ts';

export type Plan = ReadonlyMap<number, Fault>;

/** API keys of the two callers of the service. */
export const KEYS = { docs: 'the-secret-of-docs', other: 'the-secret-of-other' };
type Caller = keyof typeof KEYS;

const GENERATES = ['/runs', '/v1/chat/completions', '/v1/completions', '/v1/responses'];

type Ask = {
  as?: Caller | null;
  body?: unknown;
  headers?: Record<string, string>;
  method?: string;
};

/**
 * The whole of everytoken on ports in memory: its API for two callers, and its workers, whose effects fail as planned.
 */
export const makeService = ({
  world = makeWorld(),
  plan = new Map(),
}: {
  world?: World;
  plan?: Plan;
} = {}) => {
  const faults = makeFaults(plan);
  const machine = makeMachine(world, faults);
  const shared = {
    authenticate: withRequestLimit(
      makeAuthenticate({
        keys: parseApiKeys(`docs:${KEYS.docs},other:${KEYS.other}`),
        findKey: world.keys.get,
        clock: world.clock,
      }),
      makeCountRequest(world.deps),
    ),
    clock: world.clock,
    log: world.log,
  };
  const { deps } = world;
  const generate = makeGenerateApp({
    ...shared,
    startRun: (body, options) => makeStartRun(machine.worker())(body, options),
    readTrace: (id, index, caller) => readTrace(id, index, caller, deps),
    readWhole: (id, caller) => readWhole(id, caller, deps),
  });
  const api = makeWholeApi({
    ...shared,
    ...wholeUseCases(deps),
  });

  /** Routes requests like the gateway: generating routes to one app, all others to the other. */
  const ask = async (
    path: string,
    { as = 'docs', body, headers = {}, method }: Ask = {},
  ): Promise<Response> => {
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    const app: Hono<HttpEnv> = verb === 'POST' && GENERATES.includes(path) ? generate : api;
    return await app.request(path, {
      method: verb,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === null ? {} : { authorization: `Bearer ${KEYS[as]}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  };

  return {
    world,
    faults,
    machine,
    ask,
    /** Requests a run. Resolves to the answer with its body. */
    run: async (body: Record<string, unknown>, more: Omit<Ask, 'body'> = {}) => {
      const response = await ask('/runs', { ...more, body });
      return { status: response.status, headers: response.headers, run: (await response.json()) as RunView };
    },
    /** The one run in the store; throws when there is not exactly one. */
    onlyRun: () => {
      const [run, ...others] = world.runs.runs.values();
      if (!run || others.length > 0) throw new Error(`there are ${world.runs.runs.size} runs, not one`);
      return run;
    },
    untilQuiet: () => machine.untilQuiet(),
  };
};

export type Service = ReturnType<typeof makeService>;
