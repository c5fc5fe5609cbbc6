import { setImmediate } from 'node:timers/promises';
import { embedRuns } from '../../lib/embed/embed-runs.ts';
import { parseRunGenerated } from '../../lib/embed/run-generated.ts';
import { continueFile } from '../../lib/files/move-file.ts';
import { generateJob } from '../../lib/files/work/generate-job.ts';
import { makeAuthenticate } from '../../lib/http/authenticate.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { readTrace, readWhole } from '../../lib/runs/read-run.ts';
import { makeWholeApi, type WholeApiDeps, wholeUseCases } from '../fixtures/whole-api.ts';
import type { MemoryQueue } from './queue.ts';
import type { World } from './world.ts';

/** The whole API over the memory ports of a world. */
export const makeWorldApi = (world: World, changes: Partial<WholeApiDeps> = {}, caller = 'local') => {
  const { deps } = world;
  const shared = {
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: caller, clock: world.clock }),
    clock: world.clock,
    log: world.log,
  };
  const generate = makeGenerateApp({
    ...shared,
    startRun: makeStartRun(deps),
    readTrace: (id, index, caller) => readTrace(id, index, caller, deps),
    readWhole: (id, caller) => readWhole(id, caller, deps),
  });
  const api = makeWholeApi({
    ...shared,
    ...wholeUseCases(deps),
    ...changes,
  });
  return { api, generate };
};

/** Processes all queues; throws the errors of handlers, so that nothing is retried silently. */
export const workOff = async ({ deps, jobs, fileQueue, embedQueue, clock }: World): Promise<void> => {
  const serve = async <T>(queue: MemoryQueue<T>, handle: (body: T) => Promise<unknown>) => {
    const message = queue.receive();
    if (!message) return false;
    await handle(message.body);
    message.delete();
    return true;
  };
  for (;;) {
    await setImmediate();
    const wasBusy =
      (await serve(jobs, (job) => generateJob(job, deps))) ||
      (await serve(fileQueue, ({ file_id }) => continueFile(file_id, deps))) ||
      (await serve(embedQueue, async (body) => {
        for (const failure of (await embedRuns([parseRunGenerated(body)], deps)).values()) throw failure;
      }));
    if (wasBusy) continue;
    const next = Math.min(...[jobs, fileQueue, embedQueue].map((queue) => queue.nextAt() ?? Infinity));
    if (next === Infinity) return;
    await clock.advance(Math.max(0, next - clock.now()));
  }
};
