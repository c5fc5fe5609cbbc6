import type { Hono } from 'hono';
import { type HttpEnv, makeApp } from './base-app.ts';
import { type ChatCompletionsDeps, makeChatCompletions } from './openai/chat-completions.ts';
import type { BeginRunDeps } from './runs/begin-run.ts';
import { makeCreateRun } from './runs/create-run.ts';
import type { RelayLimits } from './runs/relay.ts';

export type GenerateAppDeps = Omit<BeginRunDeps, 'waitMs'> &
  Omit<ChatCompletionsDeps, 'asking' | 'limits'> &
  Partial<RelayLimits> & {
    /** How long a whole answer is waited for before it becomes a 202, or for OpenAI's clients a 504. */
    waitMs?: number;
  };

/** POST /runs, and the same by OpenAI's protocol: POST /v1/chat/completions. */
export const makeGenerateApp = (deps: GenerateAppDeps): Hono<HttpEnv> => {
  const { waitMs = 240_000, commentMs = 15_000, maxUnsentBytes = 1024 * 1024 } = deps;
  const shared = { ...deps, asking: { ...deps, waitMs }, limits: { maxUnsentBytes, commentMs } };
  return makeApp(
    {
      '/runs': { POST: makeCreateRun(shared) },
      '/v1/chat/completions': { POST: makeChatCompletions(shared) },
    },
    deps,
  );
};
