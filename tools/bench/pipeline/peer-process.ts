import { answerParent } from '../child.ts';
import type { MakeJob, Peer, Services } from './peers/services.ts';
import { promptOf } from './prompts.ts';

// Runs as a child process: a program that generates and stores outputs without everytoken.

const PROGRAMS: Record<Peer, () => Promise<{ makeJob: MakeJob }>> = {
  langchain: () => import('./peers/langchain.ts'),
  tutorial: () => import('./peers/tutorial.ts'),
};

const { peer, ...services } = JSON.parse(process.argv[2] ?? '{}') as Services & { peer: Peer };
const { makeJob } = await PROGRAMS[peer]();
const job = await makeJob(services);

/** Does so many jobs, `atOnce` at a time; `first` is the number of the first prompt. */
export type Jobs = { first: number; runs: number; atOnce: number };

answerParent<Jobs>(async ({ first, runs, atOnce }) => {
  let next = first;
  const worker = async () => {
    while (next < first + runs) {
      const number = next++;
      await job(`${peer}-${number}`, promptOf(number));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { pid: process.pid };
});
