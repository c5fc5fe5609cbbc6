import { setImmediate } from 'node:timers/promises';
import { embedRuns } from '../../../../lib/embed/embed-runs.ts';
import { parseRunGenerated } from '../../../../lib/embed/run-generated.ts';
import { continueFile } from '../../../../lib/files/move-file.ts';
import { generateJob } from '../../../../lib/files/work/generate-job.ts';
import { makeApiApp } from '../../../../lib/http/api-app.ts';
import { apiUseCases } from '../../../../lib/http/api-use-cases.ts';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import { makeGenerateApp } from '../../../../lib/http/generate-app.ts';
import { makeStartRun } from '../../../../lib/lifecycle/start.ts';
import { readTrace } from '../../../../lib/runs/read-run.ts';
import type { FuzzAnswer } from '../../../../tools/soak/fuzz/check-answer.ts';
import type { FuzzRequest } from '../../../../tools/soak/fuzz/draw-request.ts';
import { isAsking, type RequestTarget } from '../../../../tools/soak/fuzz/fuzz-requests.ts';
import type { MemoryQueue } from '../../../memory/queue.ts';
import type { World } from '../../../memory/world.ts';

/** The whole API over the memory ports of a world. */
const makeWorldApi = (world: World) => {
  const { deps } = world;
  const shared = {
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: world.clock }),
    clock: world.clock,
    log: world.log,
  };
  const generate = makeGenerateApp({
    ...shared,
    startRun: makeStartRun(deps),
    readTrace: (id, index, caller) => readTrace(id, index, caller, deps),
  });
  const api = makeApiApp({
    ...shared,
    ...apiUseCases(deps),
    listModels: async () => ({ data: [], providers: [] }),
    health: async () => ({ status: 'ok', checks: {} }),
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

/** The contents of a world, place by place. */
export const snapshotOf = (world: World): Map<string, string> => {
  const { runs, files, content, jobs, fileQueue, embedQueue, bus, vectors } = world;
  const places = new Map<string, string>();
  for (const [id, run] of runs.runs) places.set(`run ${id}`, JSON.stringify(run));
  for (const [id, file] of files.files) places.set(`file ${id}`, JSON.stringify(file));
  for (const [id, block] of files.blocks) places.set(`block ${id}`, JSON.stringify(block));
  for (const [key, bytes] of content.objects) places.set(`object ${key}`, bytes.toString('latin1'));
  for (const [name, records] of vectors.namespaces)
    for (const id of records.keys()) places.set(`vector ${name} ${id}`, 'there');
  const queues = [jobs, fileQueue, embedQueue].map((queue) => queue.bodies());
  places.set('queues', JSON.stringify(queues));
  places.set('events', String(bus.events.length));
  return places;
};

export const makeWorldTarget = (world: World): RequestTarget => {
  const { api, generate } = makeWorldApi(world);
  const settle = () => workOff(world);
  return {
    settle,
    snapshot: async () => snapshotOf(world),
    send: async ({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> => {
      // Routes like the gateway: by resource, then by method.
      const app = method === 'POST' && isAsking(path) ? generate : api;
      const init = {
        method,
        headers,
        ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
      };
      const response = await app.request(`http://127.0.0.1${path}`, init);
      return { status: response.status, headers: response.headers, body: await response.text() };
    },
  };
};
