import { embedRuns } from '../../lib/embed/embed-runs.ts';
import { continueFile } from '../../lib/files/move-file.ts';
import { generateJob } from '../../lib/files/work/generate-job.ts';
import type { World } from '../memory/world.ts';

/** Drives the comparisons of a world in memory. */
export const makeComparing = (world: World) => {
  /** Processes all messages that can be received now. */
  const workNow = async (): Promise<void> => {
    for (;;) {
      const job = world.jobs.receive();
      const message = world.fileQueue.receive();
      if (job) await generateJob(job.body, world.deps);
      job?.delete();
      if (message) await continueFile(message.body.file_id, world.deps);
      message?.delete();
      if (!job && !message) return;
    }
  };
  return {
    workNow,
    /** Processes all messages, also those that are delayed behind warm-ups. */
    work: async (): Promise<void> => {
      await workNow();
      await world.clock.advance(3_000);
      await workNow();
    },
    embed: () => embedRuns(world.generatedEvents(), world.deps),
  };
};
