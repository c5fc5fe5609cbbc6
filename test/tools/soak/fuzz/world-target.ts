import type { FuzzAnswer } from '../../../../tools/soak/fuzz/check-answer.ts';
import type { FuzzRequest } from '../../../../tools/soak/fuzz/draw-request.ts';
import { isAsking, type RequestTarget } from '../../../../tools/soak/fuzz/fuzz-requests.ts';
import type { World } from '../../../memory/world.ts';
import { makeWorldApi, workOff } from '../../../memory/world-api.ts';

/** The contents of a world, place by place. */
export const snapshotOf = (world: World): Map<string, string> => {
  const { runs, files, exports, content, jobs, fileQueue, embedQueue, bus, vectors } = world;
  const places = new Map<string, string>();
  for (const [id, run] of runs.runs) places.set(`run ${id}`, JSON.stringify(run));
  for (const [id, file] of files.files) places.set(`file ${id}`, JSON.stringify(file));
  for (const [id, job] of exports.exports) places.set(`export ${id}`, JSON.stringify(job));
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
