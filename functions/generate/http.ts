import type { Context } from 'aws-lambda';
import { makeHttpHandler } from '../../lib/adapters/lambda/http.ts';
import { makeBegin, observed } from '../../lib/adapters/lambda/invocation.ts';
import { outOfTime } from '../../lib/adapters/lambda/queue.ts';
import { makeStreamingHandler } from '../../lib/adapters/lambda/stream.ts';
import { makeO200kLoader } from '../../lib/adapters/openai/o200k-tokenizer.ts';
import { makeCountTokens } from '../../lib/generate/count-tokens.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { readTrace, readWhole } from '../../lib/runs/read-run.ts';
import { composeAuthenticate, composeBudget, composeLimits } from '../compose/callers.ts';
import { composeGenerateOne, warmUpGeneration } from '../compose/model.ts';
import { composeRequestBase } from '../composition.ts';

const base = composeRequestBase('generateHttp');
const generateOne = composeGenerateOne(base.config, base.invocation.isCold);
const { budget } = composeBudget(base);
const { countRequest, inFlight } = composeLimits(base);
const countTokens = makeCountTokens(makeO200kLoader());

const startRun = makeStartRun({ ...base, budget, inFlight, generateOne, countTokens });

const app = makeGenerateApp({
  authenticate: composeAuthenticate(base.config, base.clients.dynamodb, countRequest),
  // Each invocation has its own deadline: a run must be put back on the queue before Lambda's timeout.
  startRun: (body, options, bindings) =>
    startRun(body, { ...options, signal: outOfTime(bindings?.lambdaContext as Context) }),
  readTrace: (id, index, caller) => readTrace(id, index, caller, base),
  readWhole: (id, caller) => readWhole(id, caller, base),
  clock: base.clock,
  log: base.log,
});

await warmUpGeneration(base.config);

/** Serves POST /runs and the routes of OpenAI's API that generate, with buffered, streamed and background answers. */
export const handler =
  base.config.transferMode === 'BUFFERED'
    ? observed(base, makeHttpHandler(app))
    : makeStreamingHandler(app, { log: base.log, begin: makeBegin(base) });
