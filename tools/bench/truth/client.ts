import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from './answer-parent.ts';
import { waitedForCpuMs } from './cpu-wait.ts';
import type { ClientName, MakeClient, Reported } from './reported.ts';
import type { Scenario } from './scenarios.ts';

/** One turn: these streams at once, the n-th `delaysMs[n]` after the turn's start. */
export type ClientQuestion = { scenario: Scenario; keys: number[]; delaysMs: number[] };
/** `waitedMs`: how long the process stood ready while others had the CPU; null where the system does not tell. */
export type ClientAnswer = { reported: Reported[]; cpuMicros: number; waitedMs: number | null };

const load: Record<ClientName, () => Promise<{ makeClient: MakeClient }>> = {
  everytoken: () => import('./clients/everytoken.ts'),
  tutorial: () => import('./clients/tutorial.ts'),
  'plain-loop': () => import('./clients/plain-loop.ts'),
  'ai-sdk': () => import('./clients/ai-sdk.ts'),
  langchain: () => import('./clients/langchain.ts'),
};

const { name, url }: { name: ClientName; url: string } = JSON.parse(process.argv[2] ?? '{}');
const loading = load[name]().then(({ makeClient }) => makeClient(url));
loading.catch(() => undefined); // told to whoever asks

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
