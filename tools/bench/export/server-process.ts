import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { systemClock, systemSleep } from '../../../lib/adapters/system.ts';
import { exportText } from '../../../lib/export/stream.ts';
import { makeReadApp, type ReadAppDeps } from '../../../lib/http/read-app.ts';
import { listen } from '../../../local/http.ts';
import { answerParent } from '../child.ts';
import { makeDrawnRuns } from './drawn-runs.ts';

// The app that answers GET /runs, in a process of its own, over runs that take no memory.
const { runs } = JSON.parse(process.argv[2] ?? '{}') as { runs: number };
const silent = () => {};
const log = { info: silent, warn: silent, error: console.error };
const ports = makeDrawnRuns(runs);
const notServed = async (): Promise<never> => {
  throw new Error('this bench serves exports alone');
};

const deps: ReadAppDeps = {
  listRuns: notServed,
  exportRuns: (format, query, remainingMs) =>
    exportText(format, query, { ...ports, sleep: systemSleep, random: Math.random, log, remainingMs }),
  readRun: notServed,
  readWhole: notServed,
  readFile: notServed,
  readFileContent: notServed,
  readComparison: notServed,
  authenticate: async () => ({ caller: 'docs' }),
  clock: systemClock,
  log,
};
const app = makeReadApp(deps);

const server = createServer(async (request, response) => {
  try {
    const answer = await app.fetch(new Request(new URL(request.url ?? '/', 'http://127.0.0.1')));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
  } catch (error) {
    log.error(error);
    response.destroy();
  }
});
const { url } = await listen(server, 0);

answerParent(() => ({ url, pid: process.pid }));
