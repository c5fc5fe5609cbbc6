import type { Clock, Random } from '../async/clock.ts';
import type { Prices } from '../pricing/prices.ts';
import type { Generation, Trace, TraceChunk } from '../runs/generation.ts';
import type { Message } from '../runs/request.ts';
import type { Server } from '../sampling/server.ts';
import type { Setting } from '../sampling/setting.ts';
import type { Model } from './model.ts';
import type { RetryPolicy } from './retry-policy.ts';

export type GenerateOneDeps = {
  model: Model;
  server: Server;
  clock: Clock;
  prices: Prices;
  random: Random;
  /** Rejects with the signal's reason, or an error of its own, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
  /** Whether this invocation is the first of its execution environment. */
  coldStart: boolean;
  policy?: RetryPolicy;
};

export type GenerateOne = {
  setting: Setting;
  index: number;
  sample: number;
  messages: Message[];
  /** Fails with `sampling_not_applied` where a field would have no effect, instead of leaving it out. */
  strictSampling?: boolean;
  deps: GenerateOneDeps;
  signal: AbortSignal;
  /** Epoch ms after which nothing is tried or waited for any more; `policy.totalMs` from now when left out. */
  deadlineAt?: number;
  onChunk?: (chunk: TraceChunk) => void;
  /** A new try begins (2 for the second): what `onChunk` told so far is void. */
  onRestart?: (attempt: number) => void;
};

/** `throttled`: it failed since its server limits requests; `retryAfterMs` is what the server asked for, if it did. */
export type Generated = {
  generation: Generation;
  trace: Trace;
  throttled?: { retryAfterMs: number | undefined };
};
