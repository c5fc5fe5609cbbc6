import { timedRunId } from '../../lib/runs/keys.ts';
import type { Ids } from '../../lib/runs/ports.ts';

/** Ids that count up: valid like the real ones, and the same in each run of a test. */
export const makeMemoryIds = (): Ids => {
  let made = 0;
  let traces = 0;
  return {
    runId: (now) => {
      const random = Buffer.alloc(10);
      random.writeUInt32BE(++made, 6);
      return timedRunId(now, random);
    },
    leaseToken: () => (++made).toString(16).padStart(12, '0'),
    trace: () => ({
      trace: {
        traceId: (++traces).toString(16).padStart(32, '0'),
        parentId: traces.toString(16).padStart(16, '0'),
        sampled: false,
      },
      isXRays: false,
    }),
  };
};
