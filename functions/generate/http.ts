import type { Context } from 'aws-lambda';
import type { WebApp } from '../../lib/adapters/lambda-http.ts';
import { outOfTime } from '../../lib/adapters/lambda-queue.ts';
import { makeStreamingHandler } from '../../lib/adapters/lambda-stream.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { makeStartRun } from '../../lib/runs/start-run.ts';
import { composeAuthenticate } from '../compose-access.ts';
import { composeGenerateOne } from '../compose-model.ts';
import { composeBase } from '../composition.ts';

const base = composeBase('generateHttp');
const generateOne = composeGenerateOne(base.config);
const authenticate = composeAuthenticate(base.config);

// An app an invocation, since each has its own end: a run must be put back before Lambda's time is up.
const app: WebApp = {
  fetch: (request, bindings) => {
    const signal = outOfTime(bindings.lambdaContext as Context);
    const startRun = makeStartRun({ ...base, generateOne, signal });
    return makeGenerateApp({ authenticate, startRun, clock: base.clock, log: base.log }).fetch(
      request,
      bindings,
    );
  },
};

/** POST /runs: whole, streamed or later. */
export const handler = makeStreamingHandler(app, { log: base.log });
