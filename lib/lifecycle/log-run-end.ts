import type { Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import type { Generation } from '../runs/generation.ts';
import type { RunRequest } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import { measureRun, type ProviderOf } from './measure-run.ts';

/** One line says what became of a run after its commit, and holds what was measured of its generations. */
export const logRunEnd = (
  run: Run,
  { request, generations }: { request: RunRequest; generations: Generation[] },
  { log, providerOf, durationMs }: { log: Log; providerOf?: ProviderOf; durationMs: number },
): void => {
  const completionTokens = generations.map(({ usage }) => usage.completion_tokens ?? 0);
  log.info(
    `run.${run.status}`,
    {
      ...aboutRun(run),
      attempts: run.attempts,
      generations: generations.length,
      failed: generations.filter(({ status }) => status === 'failed').length,
      completion_tokens: completionTokens.reduce((sum, count) => sum + count, 0),
      duration_ms: Math.round(durationMs),
      'error.type': run.error?.code,
    },
    measureRun(run, request, generations, providerOf),
  );
};
