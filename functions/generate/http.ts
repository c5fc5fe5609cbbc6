import type { Context } from 'aws-lambda';
import { outOfTime } from '../../lib/adapters/lambda-queue.ts';
import { makeStreamingHandler } from '../../lib/adapters/lambda-stream.ts';
import { makeO200kLoader } from '../../lib/adapters/o200k-tokenizer.ts';
import { makeCountTokens } from '../../lib/generate/count-tokens.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { makeStartRun } from '../../lib/runs/start-run.ts';
import { composeAuthenticate } from '../compose-access.ts';
import { composeGenerateOne } from '../compose-model.ts';
import { composeBase } from '../composition.ts';

const base = composeBase('generateHttp');
const generateOne = composeGenerateOne(base.config);
const countTokens = makeCountTokens(makeO200kLoader());

const app = makeGenerateApp({
  authenticate: composeAuthenticate(base.config),
  // Each invocation has its own end: a run must be put back before Lambda's time is up.
  startRun: (body, options, bindings) =>
    makeStartRun({
      ...base,
      generateOne,
      countTokens,
      signal: outOfTime(bindings?.lambdaContext as Context),
    })(body, options),
  clock: base.clock,
  log: base.log,
});

/** POST /runs: whole, streamed or later. */
export const handler = makeStreamingHandler(app, { log: base.log });
