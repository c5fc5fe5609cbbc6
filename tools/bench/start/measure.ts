import type { ColdStack } from './cold-stack.ts';
import { FIRST_EVENTS } from './first-events.ts';

/**
 * One start of a function: CPU in ms of its start until its bundle is loaded, of its first event, and of the same event once
 * more; the time until the first and the second answer, null where nobody waits; and the peak of memory in bytes.
 */
export type Start = {
  functionId: string;
  round: number;
  loadMs: number;
  firstMs: number;
  secondMs: number;
  firstAnswerMs: number | null;
  secondAnswerMs: number | null;
  peakBytes: number;
};

/** Starts every function once: all environments are ended, then each event is sent twice. */
export const measureRound = async (stack: ColdStack, round: number): Promise<Start[]> => {
  await stack.retire();
  const starts: Start[] = [];
  for (const { functions, send } of FIRST_EVENTS) {
    const firstAnswerMs = await send(stack, `bench-${round}-first`);
    const first = functions.map((id) => stack.usageOf(id));
    const secondAnswerMs = await send(stack, `bench-${round}-second`);
    for (const [at, functionId] of functions.entries()) {
      const before = first[at];
      const after = stack.usageOf(functionId);
      if (!before || !after) throw new Error(`${functionId} did not start`);
      const { loaded, now } = before;
      starts.push({
        functionId,
        round,
        loadMs: loaded.cpuMs,
        firstMs: now.cpuMs - loaded.cpuMs,
        secondMs: after.now.cpuMs - now.cpuMs,
        firstAnswerMs,
        secondAnswerMs,
        peakBytes: after.now.peakBytes,
      });
    }
  }
  return starts;
};
