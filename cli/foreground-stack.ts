/** Ctrl-C has three seconds to end everything: what is not closed by then ends with this process. */
const CLOSE_LIMIT_MS = 2_500;

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type Ending = {
  /** Whether the end was asked for; what fails from then on fails because of it. */
  asked: () => boolean;
  /** Closes everything once and ends the process with `status`. */
  end: (status: number) => Promise<void>;
};

/**
 * Ends the process on Ctrl-C and the like: `close` first, for 2.5 s at most; a second signal does not wait. The exit
 * status is the one shells give to that signal, unless `status` is given.
 */
export const endOnSignal = (close: () => Promise<unknown>, status?: number): Ending => {
  let asked = false;
  const end = async (code: number) => {
    if (asked) process.exit(code);
    asked = true;
    setTimeout(() => process.exit(code), CLOSE_LIMIT_MS);
    await close().catch(() => {});
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => void end(status ?? code));
  return { asked: () => asked, end };
};
