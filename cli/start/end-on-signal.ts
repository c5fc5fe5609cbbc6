/** Ctrl-C must end everything within three seconds. Parts that are not closed by then end with this process. */
const CLOSE_LIMIT_MS = 2_500;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type Ending = {
  /** Whether the end was requested. Later failures are its consequence and need no report. */
  isRequested: () => boolean;
  /** Closes everything once and ends the process with `status`. */
  end: (status: number) => Promise<void>;
};

/**
 * Ends the process on SIGINT, SIGTERM or SIGHUP, after `close` or 2.5 s; a second signal ends it at once. The exit
 * status is `status` if given, else 128 plus the signal's number, as in shells.
 */
export const endOnSignal = (close: () => Promise<unknown>, status?: number): Ending => {
  let isRequested = false;
  const end = async (code: number) => {
    if (isRequested) process.exit(code);
    isRequested = true;
    // Parts that are closed, and functions that the signal has reached too, may fail late: that is no error any more.
    for (const event of ['unhandledRejection', 'uncaughtException']) process.on(event, () => {});
    setTimeout(() => process.exit(code), CLOSE_LIMIT_MS);
    await close().catch(() => {});
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void end(status ?? code));
  return { isRequested: () => isRequested, end };
};
