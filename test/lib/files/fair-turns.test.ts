import { describe, expect, test } from 'vitest';
import { intakeObject } from '../../../lib/files/read/intake.ts';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import type { Job } from '../../../lib/runs/ports.ts';
import { makeFileWorld, prompts } from './file-world.ts';

const MINUTE = 60_000;
/** A worker needs this long for a job; five workers make one in a fifth of it. */
const TOOK_MS = 1_000;
const WORKERS = 5;

const many = (name: string, count: number) =>
  prompts(...Array.from({ length: count }, (_, at) => `${name} ${at}`));

/** A world whose jobs are received one by one, each a fifth of a second after the other, as five workers receive them. */
const makePacedWorld = () => {
  const world = makeFileWorld();
  const received: Job[] = [];
  const workJob = async (): Promise<Job | undefined> => {
    const job = world.jobs.receive();
    if (!job) return undefined;
    received.push(job.body);
    await world.clock.advance(TOOK_MS / WORKERS);
    await generateJob(job.body, world.deps, undefined, { waitedMs: job.waitedMs });
    job.delete();
    return job.body;
  };
  return {
    ...world,
    received,
    workJob,
    workJobs: async (count: number) => {
      for (let at = 0; at < count; at += 1) await workJob();
    },
    /** How many jobs are received before one that fits. */
    receivedBefore: async (fits: (job: Job) => boolean): Promise<number> => {
      for (let before = 0; ; before += 1) {
        const job = await workJob();
        if (!job) throw new Error('the queue is empty');
        if (fits(job)) return before;
      }
    },
    drop: (key: string, text: string) => intakeObject(world.drop(key, text), world.deps),
    fileOf: (key: string) => [...world.files.files.values()].find((file) => file.key === key),
  };
};

/** In five seconds, the patience of a line, five workers do so many jobs; a window may be that much over. */
const PATIENT = 2 * 5 * WORKERS;

describe('a newcomer while a file of thousands of lines is under way', () => {
  test('has its turn after few of its lines: a file of one line, and a background run', async () => {
    const world = makePacedWorld();
    await world.drop('prompts/large.jsonl', many('large', 3_000));
    await world.workJobs(400);
    await world.drop('prompts/small.txt', 'small');
    const small = world.fileOf('prompts/small.txt');
    const { run } = await makeStartRun(world.deps)({ prompt: 'now', background: true }, { caller: 'files' });
    const ofSmall = await world.receivedBefore((job) => job.type === 'line' && job.file_id === small?.id);
    expect(ofSmall).toBeLessThanOrEqual(PATIENT);
    expect(await world.receivedBefore((job) => job.type === 'run' && job.run_id === run.id)).toBe(0);
    expect(world.received.filter(({ type }) => type === 'line').length).toBeGreaterThan(400);
  });

  test('has its turn as soon when ten such files share the queue, and these go on evenly', async () => {
    const world = makePacedWorld();
    const keys = Array.from({ length: 10 }, (_, at) => `prompts/large-${at}.jsonl`);
    for (const key of keys) {
      await world.drop(key, many(key, 600));
      await world.workJobs(60);
    }
    await world.workJobs(600);
    await world.drop('prompts/small.txt', 'small');
    const small = world.fileOf('prompts/small.txt');
    const before = await world.receivedBefore((job) => job.type === 'line' && job.file_id === small?.id);
    expect(before).toBeLessThanOrEqual(PATIENT);
    const last = world.received.slice(-600);
    const shares = keys.map(
      (key) => last.filter((job) => job.type === 'line' && job.file_id === world.fileOf(key)?.id).length,
    );
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  test('leaves no worker without a job while the file has lines', async () => {
    const world = makePacedWorld();
    await world.drop('prompts/large.jsonl', many('large', 1_000));
    for (let done = 0; done < 990; done += 1) {
      expect(world.jobs.bodies().length).toBeGreaterThanOrEqual(Math.min(WORKERS, 1_000 - done));
      await world.workJob();
    }
    await world.work();
    expect(world.fileOf('prompts/large.jsonl')).toMatchObject({ status: 'completed', lines: 1_000 });
  });
});

describe('the lines of a file', () => {
  test('are each sent once, those of the next block before the last of one are done', async () => {
    const world = makePacedWorld();
    await world.drop('prompts/large.jsonl', many('large', 600));
    while (await world.workJob()) {}
    const lines = world.received.map((job) => (job.type === 'line' ? job.line : 0));
    expect(lines).toEqual(Array.from({ length: 600 }, (_, at) => at + 1));
  });

  test('that were claimed by a worker which crashed are sent by the next sweep, the others go on', async () => {
    const world = makePacedWorld();
    const { sendAll } = world.jobs;
    await world.drop('prompts/large.jsonl', many('large', 100));
    let sends = 0;
    world.deps.jobs.sendAll = async (jobs, options) => {
      sends += 1;
      if (sends === 3) throw new Error('died');
      return sendAll(jobs, options);
    };
    while (await world.workJob().catch(() => true)) {}
    const { done = [], sent = 0 } = [...world.files.blocks.values()][0] ?? {};
    expect(done.length).toBeLessThan(100);
    expect(sent).toBeGreaterThan(done.length);
    await world.clock.advance(20 * MINUTE);
    await sweep(world.deps);
    while (await world.workJob()) {}
    await world.work();
    expect(world.fileOf('prompts/large.jsonl')).toMatchObject({ status: 'completed' });
    expect(world.prompted()).toHaveLength(100);
  });

  test('that are refused take no room, wherever they are', async () => {
    const world = makePacedWorld();
    const refused = '{"prompt":"x","tempratur":1}\n';
    await world.drop(
      'prompts/large.jsonl',
      `${refused.repeat(60)}${many('a', 30)}${refused.repeat(60)}${many('b', 30)}`,
    );
    expect(world.jobs.bodies()).toHaveLength(10);
    while (await world.workJob()) {}
    await world.work();
    expect(world.prompted()).toHaveLength(60);
    expect(world.fileOf('prompts/large.jsonl')).toMatchObject({
      status: 'completed_with_errors',
      refused: 120,
    });
  });

  test('of a block that an earlier version sent whole are not sent a second time', async () => {
    const world = makePacedWorld();
    await world.drop('prompts/large.jsonl', many('large', 30));
    const [block] = world.files.blocks.values();
    if (!block) throw new Error('there is no block');
    block.sent = block.lines;
    await world.workJobs(5);
    expect(world.received).toHaveLength(5);
    expect(world.jobs.bodies()).toHaveLength(5);
    await world.clock.advance(20 * MINUTE);
    await sweep(world.deps);
    while (await world.workJob()) {}
    await world.work();
    expect(world.prompted()).toHaveLength(30);
  });
});
