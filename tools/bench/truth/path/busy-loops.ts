import { type Child, startChild } from '../../child.ts';
import type { BusyAnswer, BusyQuestion } from './busy-process.ts';
import type { CpuQuotas } from './cpu-quota.ts';

const start = (): Child<BusyQuestion, BusyAnswer> =>
  startChild(new URL('busy-process.ts', import.meta.url), '');

export type BusyLoops = { set(busy: boolean): Promise<void>; end(): Promise<void> };

/** Starts processes that take all the CPU they get while they are set busy. */
export const startBusyLoops = (count: number): BusyLoops => {
  const children = Array.from({ length: count }, start);
  let isBusy = false;
  return {
    set: async (busy) => {
      if (busy === isBusy) return;
      isBusy = busy;
      await Promise.all(children.map((child) => child.ask({ busy })));
    },
    end: async () => {
      await Promise.all(children.map((child) => child.end()));
    },
  };
};

const SPIN_MS = 600;

/** The share of one CPU that a busy loop gets with each of these limits, which shows whether they are kept. */
export const measureShares = async (
  quotas: CpuQuotas,
  memories: readonly (number | null)[],
): Promise<Map<number | null, number>> => {
  const child = start();
  const { pid } = await child.ask({ busy: false });
  const group = quotas.hold(pid);
  const shares = new Map<number | null, number>();
  try {
    for (const memoryMb of memories) {
      group.limit(memoryMb);
      shares.set(memoryMb, (await child.ask({ spinMs: SPIN_MS })).share);
    }
    return shares;
  } finally {
    await child.end();
    group.remove();
  }
};
