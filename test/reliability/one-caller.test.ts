import { describe, expect, test } from 'vitest';
import { intakeObject } from '../../lib/files/read/intake.ts';
import { generateJob } from '../../lib/files/work/generate-job.ts';
import { UNLIMITED } from '../../lib/limits/caller-limits.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { deferred } from '../fixtures/http.ts';
import { settled } from '../memory/clock.ts';
import { makeWorld } from '../memory/world.ts';
import { makeService } from './service.ts';

const WORKERS = 5;
const TOOK_MS = 2_500;
/** A message that is put back keeps a worker busy for this long. */
const STEP_MS = 20;

/** A deployment of five workers, whose model takes 2.5 s for an answer. `docs` is the noisy caller. */
const makeDeployment = (keptForOthersPercent: number) => {
  const flying = new Map<string, number>();
  let most = 0;
  const begun = new Map<string, number>();
  const world = makeWorld({
    callerLimits: { ...UNLIMITED, workers: WORKERS, directRuns: 10, keptForOthersPercent },
    generateOne: async (request) => {
      const prompt = request.messages.at(-1)?.content ?? '';
      const caller = prompt.split(' ')[0] ?? '';
      begun.set(prompt, world.clock.now());
      flying.set(caller, (flying.get(caller) ?? 0) + 1);
      most = Math.max(most, flying.get('docs') ?? 0);
      await world.clock.sleep(TOOK_MS);
      flying.set(caller, (flying.get(caller) ?? 0) - 1);
      return answer(request);
    },
  });
  const answer = makeGenerateOne();
  const service = makeService({ world });
  let received = 0;
  let busy = 0;

  const workOnce = (): boolean => {
    const message = busy < WORKERS ? world.jobs.receive() : undefined;
    if (!message) return false;
    busy += 1;
    received += 1;
    const job = generateJob(message.body, world.deps, undefined, { waitedMs: message.waitedMs });
    void Promise.allSettled([job, world.clock.sleep(STEP_MS)]).then(([result]) => {
      busy -= 1;
      if (result.status === 'fulfilled') message.delete();
      else message.release();
    });
    return true;
  };

  /** Lets the workers work for `ms`; `each` is called before each step. */
  const work = async (ms: number, each: () => Promise<unknown> = async () => {}): Promise<void> => {
    for (const end = world.clock.now() + ms; world.clock.now() < end; ) {
      await each();
      while (workOnce()) await settled();
      await world.clock.advance(STEP_MS);
    }
  };
  const later = (as: 'docs' | 'other', prompt: string) =>
    service.ask('/runs', { as, body: { prompt, background: true, index: false } });

  /** Sends the quiet caller's runs one by one, and tells how long each waited for a worker, in ms. */
  const quietWaits = async (count: number, each?: () => Promise<unknown>): Promise<number[]> => {
    const sent: [string, number][] = [];
    for (let at = 0; at < count; at += 1) {
      const prompt = `other ${at}`;
      sent.push([prompt, world.clock.now()]);
      await later('other', prompt);
      await work(TOOK_MS * 1.6, each);
    }
    await work(TOOK_MS * 2);
    return sent.map(([prompt, at]) => (begun.get(prompt) ?? Number.POSITIVE_INFINITY) - at);
  };

  return {
    ...{ world, service, work, later, quietWaits },
    ended: () => [...world.runs.runs.values()].filter(({ status }) => status === 'completed').length,
    received: () => received,
    mostOfNoisy: () => most,
  };
};
type Deployment = ReturnType<typeof makeDeployment>;

/** Sends a run of the noisy caller in each step: fifty a second, where its workers end two. */
const flood = ({ later }: Deployment, count: number) => {
  let sent = 0;
  return async () => {
    if (sent < count) await later('docs', `docs ${sent++}`);
  };
};

describe('41. while one caller has hundreds of background runs', () => {
  test('41. another one waits no longer for a worker, and none of the hundreds is lost', async () => {
    const deployment = makeDeployment(20);
    const startedAt = deployment.world.clock.now();
    const noisy = flood(deployment, 300);
    await deployment.work(1_000, noisy);
    const waits = await deployment.quietWaits(20, noisy);
    // Alone, a run waits for a step. A tenth of the 2.5 s after which it has its answer would be 250 ms.
    expect(Math.max(...waits)).toBeLessThanOrEqual(250);
    expect(deployment.mostOfNoisy()).toBe(4);

    for (let second = 0; second < 600 && deployment.ended() < 320; second += 1) await deployment.work(1_000);
    expect(deployment.ended()).toBe(320);
    expect(deployment.mostOfNoisy()).toBe(4);
    // Four workers need 188 s for 300 runs of 2.5 s; a turn is in whole seconds, which leaves gaps.
    expect(deployment.world.clock.now() - startedAt).toBeLessThan(250_000);
    // A job that finds no place waits for its turn, and does not come again and again.
    expect(deployment.received()).toBeLessThan(3 * 320);
  }, 60_000);

  test('41. another one would wait for minutes if nothing were kept for it', async () => {
    const deployment = makeDeployment(0);
    const noisy = flood(deployment, 300);
    await deployment.work(1_000, noisy);
    const waits = await deployment.quietWaits(3, noisy);
    expect(Math.min(...waits)).toBeGreaterThan(5_000);
    expect(deployment.mostOfNoisy()).toBe(5);
  }, 60_000);

  test('41. another one waits no longer either while the one has files of a thousand lines', async () => {
    const deployment = makeDeployment(20);
    const { world, work, quietWaits } = deployment;
    const lines = (name: string) =>
      Array.from({ length: 1_000 }, (_, at) =>
        JSON.stringify({ prompt: `docs ${name} ${at}`, index: false }),
      );
    for (const name of ['a', 'b'])
      await intakeObject(world.drop(`prompts/@docs/${name}.jsonl`, lines(name).join('\n')), world.deps);
    await work(10_000);
    const [before, done] = [deployment.received(), deployment.ended()];
    const waits = await quietWaits(20);
    expect(Math.max(...waits)).toBeLessThanOrEqual(250);
    expect(deployment.mostOfNoisy()).toBe(4);
    // The lines keep the caller's four workers busy: 1.6 a second, beside the 20 runs of the other.
    const ms = 20 * TOOK_MS * 1.6 + TOOK_MS * 2;
    const ended = deployment.ended() - done;
    expect(ended - 20).toBeGreaterThan((ms / TOOK_MS) * 4 * 0.75);
    expect(deployment.received() - before).toBeLessThan(3 * ended);
  }, 60_000);
});

/** A service whose model answers on the test's command. */
const heldService = (callerLimits: NonNullable<Parameters<typeof makeWorld>[0]>['callerLimits']) => {
  const answer = deferred<string>();
  const generateOne = makeGenerateOne(() => answer.promise);
  const world = makeWorld({ generateOne, ...(callerLimits && { callerLimits }) });
  return { ...makeService({ world }), answer, calls: generateOne.calls };
};

describe('41. while one caller has as many direct runs in flight as it may', () => {
  const limits = { ...UNLIMITED, directRuns: 5, keptForOthersPercent: 20 };
  const chat = { messages: [{ role: 'user', content: 'one' }] };

  const full = async () => {
    const service = heldService(limits);
    const running = Array.from({ length: 4 }, (_, at) =>
      service.ask(at % 2 ? '/v1/chat/completions' : '/runs', {
        body: at % 2 ? { ...chat, stream: true } : { prompt: 'one' },
      }),
    );
    await settled();
    return { ...service, running };
  };

  test('its next one is a 429 with Retry-After that names limit and remedy, before anything is stored', async () => {
    const { ask, answer, running, world, calls } = await full();
    const [runs, objects] = [world.runs.runs.size, world.content.objects.size];
    const refused = await ask('/runs', { body: { prompt: 'x'.repeat(5_000) } });
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { code: 'too_many_runs', detail: expect.stringMatching(/4 runs in flight.*"background": true/) },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect([world.runs.runs.size, world.content.objects.size]).toEqual([runs, objects]);
    expect(calls).toHaveLength(4);
    answer.resolve('text');
    await Promise.all(running);
    await world.clock.advance(250);
    expect((await ask('/runs', { body: { prompt: 'two' } })).status).toBe(201);
  });

  test("its next one in OpenAI's protocol has OpenAI's shape, which its SDKs retry after Retry-After", async () => {
    const { ask } = await full();
    const refused = await ask('/v1/chat/completions', { body: chat });
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { error: { type: 'rate_limit_error', code: 'too_many_runs', param: null } },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-should-retry')).toBeNull();
  });

  test('another caller, background runs, replays and reads go on', async () => {
    const service = heldService(limits);
    const { ask, answer } = service;
    const key = { 'idempotency-key': 'order-1' };
    const first = ask('/runs', { body: { prompt: 'one' }, headers: key });
    await settled();
    for (let at = 0; at < 3; at += 1) void ask('/runs', { body: { prompt: 'one' } });
    await settled();
    expect((await ask('/runs', { body: { prompt: 'one' } })).status).toBe(429);
    const replay = () => ask('/runs', { body: { prompt: 'one' }, headers: key });
    expect([(await replay()).status, await (await replay()).json()]).toMatchObject([
      409,
      { code: 'run_in_progress' },
    ]);
    const later = await ask('/runs', { body: { prompt: 'one', background: true } });
    expect(later.status).toBe(202);
    expect((await ask(`/runs/${((await later.json()) as RunView).id}`)).status).toBe(200);
    const other = ask('/runs', { as: 'other', body: { prompt: 'one' } });
    await settled();
    answer.resolve('text');
    expect([(await first).status, (await other).status]).toEqual([201, 201]);
  });

  test('a run that fails, is over budget or races with its own repetition frees its place', async () => {
    const { ask, answer, world } = heldService({ ...limits, directRuns: 1 });
    await world.budgets.set('docs', { tokens: 50, costUsd: null });
    expect((await ask('/runs', { body: { prompt: 'one', max_tokens: 100 } })).status).toBe(429);
    await world.budgets.set('docs', undefined);
    await world.clock.advance(60_000);
    const headers = { 'idempotency-key': 'order-2' };
    const both = [1, 2].map(() => ask('/runs', { body: { prompt: 'one' }, headers }));
    await settled();
    answer.reject(new Error('down'));
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses).toHaveLength(2);
    const window = Math.floor(world.clock.now() / 60_000);
    expect(await world.load.load('docs', window)).toMatchObject({ direct: 0 });
  });
});

describe('41. a caller that sends more requests than it may', () => {
  test('is refused before its body is read, reads and replays included, and nobody else is', async () => {
    const world = makeWorld({ callerLimits: { ...UNLIMITED, requestsPerSecond: 1 } });
    const { ask } = makeService({ world });
    for (let at = 0; at < 10; at += 1) expect((await ask('/runs')).status).toBe(200);
    const refusals = [
      await ask('/runs'),
      await ask('/runs', { body: 'no json' }),
      await ask('/usage'),
      await ask('/runs/run_x', { method: 'DELETE' }),
    ];
    // Each app counts by itself until it tells the other.
    const problems = await Promise.all(refusals.map(async (each) => [each.status, await each.json()]));
    for (const problem of problems) expect(problem).toMatchObject([429, { code: 'too_many_requests' }]);
    for (const { headers } of refusals) expect(Number(headers.get('retry-after'))).toBe(10);
    expect((await ask('/runs', { as: 'other' })).status).toBe(200);
    expect((await ask('/runs', { as: null })).status).toBe(401);
    expect((await ask('/health', { as: null })).status).toBe(200);
    await world.clock.advance(10_000);
    expect((await ask('/runs')).status).toBe(200);
  });
});
