import type { Hono } from 'hono';
import { type HttpEnv, makeApp } from './base-app.ts';
import { CHAT, makeCompletions } from './openai/chat-completions.ts';
import { type CreateResponseDeps, makeCreateResponse } from './openai/responses/create.ts';
import { TEXT } from './openai/text-completions.ts';
import type { BeginRunDeps } from './runs/begin-run.ts';
import { makeCreateRun } from './runs/create-run.ts';
import type { RelayLimits } from './runs/relay.ts';

export type GenerateAppDeps = Omit<BeginRunDeps, 'waitMs'> &
  Omit<CreateResponseDeps, 'asking' | 'limits'> &
  Partial<RelayLimits> & {
    /** Longest wait for a whole answer, in ms, before POST /runs returns 202 and OpenAI's routes 504. */
    waitMs?: number;
  };

/** The app of the routes that generate: POST /runs, /v1/chat/completions, /v1/completions and /v1/responses. */
export const makeGenerateApp = (deps: GenerateAppDeps): Hono<HttpEnv> => {
  const { waitMs = 240_000, commentMs = 15_000, maxUnsentBytes = 1024 * 1024 } = deps;
  const shared = { ...deps, asking: { ...deps, waitMs }, limits: { maxUnsentBytes, commentMs } };
  return makeApp(
    {
      '/runs': { POST: makeCreateRun(shared) },
      '/v1/chat/completions': { POST: makeCompletions(CHAT, shared) },
      '/v1/completions': { POST: makeCompletions(TEXT, shared) },
      '/v1/responses': { POST: makeCreateResponse(shared) },
    },
    deps,
  );
};
