import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from '../child.ts';
import type { ClientName, MakeClient, Reported } from './reported.ts';
import type { Scenario } from './stream-plan.ts';

/** One turn: these streams concurrently; stream n starts `delaysMs[n]` after the turn. */
export type ClientQuestion = { scenario: Scenario; keys: number[]; delaysMs: number[] };
/** `waitedMs` is how long the process was runnable without a CPU; null where the system does not report it. */
export type ClientAnswer = { reported: Reported[]; cpuMicros: number; waitedMs: number | null };

const LOAD: Record<ClientName, () => Promise<{ makeClient: MakeClient }>> = {
  everytoken: () => import('./clients/everytoken.ts'),
  responses: () => import('./clients/responses.ts'),
  tutorial: () => import('./clients/tutorial.ts'),
  'plain-loop': () => import('./clients/plain-loop.ts'),
  'ai-sdk': () => import('./clients/ai-sdk.ts'),
  langchain: () => import('./clients/langchain.ts'),
  'line-tools': () => import('./clients/line-tools.ts'),
};

const { name, url }: { name: ClientName; url: string } = JSON.parse(process.argv[2] ?? '{}');
const loading = LOAD[name]().then(({ makeClient }) => makeClient(url));
loading.catch(() => undefined); // each question awaits `loading` and reports its error

/**
 * How long this process's main thread has been runnable without a CPU since its start, in ms: the second number of
 * Linux's `/proc/self/schedstat`, which is in ns. Null on other systems.
 */
const waitedForCpuMs = (): number | null => {
  try {
    const waitedNs = Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]);
    return Number.isFinite(waitedNs) ? waitedNs / 1e6 : null;
  } catch {
    return null;
  }
};

answerParent<ClientQuestion>(async ({ scenario, keys, delaysMs }): Promise<ClientAnswer> => {
  const client = await loading;
  const before = process.cpuUsage();
  const waitedBefore = waitedForCpuMs();
  const reported = await Promise.all(
    keys.map(async (key, at) => {
      await delay(delaysMs[at]);
      return client({ scenario, key });
    }),
  );
  const { user, system } = process.cpuUsage(before);
  const waited = waitedForCpuMs();
  return {
    reported: reported.flat(),
    cpuMicros: user + system,
    waitedMs: waited === null || waitedBefore === null ? null : waited - waitedBefore,
  };
});
