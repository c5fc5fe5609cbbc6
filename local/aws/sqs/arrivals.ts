/** Wakes the long polls of a queue. */
export type Arrivals = {
  /** Tells all that wait for a queue that its messages have changed. */
  tell(queue: string): void;
  /** Waits for the next change of a queue, at most `ms`, and no longer than until `gone` is aborted. */
  wait(queue: string, ms: number, gone: AbortSignal): Promise<void>;
};

export const makeArrivals = (): Arrivals => {
  const waiting = new Map<string, Set<() => void>>();
  return {
    tell: (queue) => {
      for (const wake of waiting.get(queue) ?? []) wake();
    },
    wait: (queue, ms, gone) =>
      new Promise((resolve) => {
        const wakers = waiting.get(queue) ?? new Set();
        waiting.set(queue, wakers);
        const wake = (): void => {
          wakers.delete(wake);
          clearTimeout(timer);
          gone.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        wakers.add(wake);
        gone.addEventListener('abort', wake);
      }),
  };
};
