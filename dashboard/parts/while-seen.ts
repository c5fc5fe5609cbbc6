/**
 * Calls at intervals, and when the page is shown again, but never while it is hidden or an earlier call is under way.
 * `call` handles its own errors. Returns a function that ends it.
 */
export const whileSeen = (call: () => Promise<void>, everyMs: number): (() => void) => {
  let isBusy = false;
  const turn = async (): Promise<void> => {
    if (isBusy || document.hidden) return;
    isBusy = true;
    await call();
    isBusy = false;
  };
  const timer = setInterval(turn, everyMs);
  document.addEventListener('visibilitychange', turn);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', turn);
  };
};
