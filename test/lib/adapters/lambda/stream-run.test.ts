import { describe, expect, test } from 'vitest';
import { makeStreamingHandler } from '../../../../lib/adapters/lambda/stream.ts';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import { type GenerateAppDeps, makeGenerateApp } from '../../../../lib/http/generate-app.ts';
import type { RunListener } from '../../../../lib/lifecycle/outputs.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import { deferred, eventsOf, memoryLog, stillClock } from '../../../fixtures/http.ts';
import { restEvent } from '../../../fixtures/rest-event.ts';
import { begunRun, runView } from '../../../fixtures/run-view.ts';
import { makeStreamRuntime, splitPrelude } from '../../../fixtures/stream-runtime.ts';

/** POST /runs through the app and Lambda's streaming runtime, with a run that the test controls. */
const invokeRun = async (body: object, changes: Partial<GenerateAppDeps> = {}) => {
  const end = deferred<RunView>();
  const heard = deferred<RunListener | undefined>();
  const log = memoryLog();
  const app = makeGenerateApp({
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: stillClock }),
    startRun: async (_body, { listener }) => {
      heard.resolve(listener);
      return { kind: 'started', run: begunRun(), done: end.promise };
    },
    clock: stillClock,
    log,
    ...changes,
  });
  const { runtime, invoke } = makeStreamRuntime();
  makeStreamingHandler(app, { log }, runtime);
  const { out, done } = invoke(restEvent({ body: JSON.stringify({ prompt: 'x', ...body }) }));
  let hasEnded = false;
  const ended = done.finally(() => {
    hasEnded = true;
  });
  return { out, ended, hasEnded: () => hasEnded, end, listener: await heard.promise };
};

describe('POST /runs on Lambda', () => {
  test('sends each token to the client before the run has ended', async () => {
    const { out, ended, end, listener } = await invokeRun({ stream: true });
    const seen: Buffer[] = [];
    for await (const chunk of out) {
      seen.push(chunk);
      const text = Buffer.concat(seen).toString();
      if (text.includes('run.created') && !text.includes('"first"'))
        listener?.onChunk(0, { t_ms: 1, text: 'first', tokens: 1 }, 0);
      if (text.includes('"first"')) end.resolve(runView());
    }
    await ended;
    const { statusCode, headers, body } = splitPrelude(Buffer.concat(seen));
    expect([statusCode, headers['x-everytoken-run-id']]).toEqual([200, 'run_0']);
    expect(eventsOf(body).events.map(({ event }) => event)).toEqual([
      'run.created',
      'generation.token',
      'run.completed',
    ]);
  });

  test('continues the run after a 202, and ends with it', async () => {
    const { out, ended, hasEnded, end } = await invokeRun({}, { waitMs: 1 });
    const chunks: Buffer[] = [];
    for await (const chunk of out) chunks.push(chunk);
    expect(splitPrelude(Buffer.concat(chunks))).toMatchObject({
      statusCode: 202,
      headers: { location: '/dev/runs/run_0' },
    });
    expect(hasEnded()).toBe(false);
    end.resolve(runView());
    await ended;
  });

  test('continues the run when the client of its stream disconnects, and ends with it', async () => {
    const { out, ended, hasEnded, end, listener } = await invokeRun({ stream: true });
    for await (const chunk of out) if (chunk.includes('run.created')) break;
    for (let at = 0; at < 100; at++) listener?.onChunk(0, { t_ms: at, text: 'word', tokens: 1 }, 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasEnded()).toBe(false);
    end.resolve(runView());
    await ended;
  });
});
