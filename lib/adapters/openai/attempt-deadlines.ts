import { DeadlineError } from '../../errors.ts';
import type { Deadlines } from '../../generate/model.ts';

/** Progress of an attempt, in ms on the monotonic clock; undefined before the event. */
type Progress = {
  readonly firstTokenAt: number | undefined;
  readonly lastEventAt: number | undefined;
};

/**
 * Watches the deadlines of one attempt and calls `onExpire` when one passes. `firstTokenMs` and `totalMs` count from
 * t0, `idleMs` from the last data event once a token has arrived. A single timer checks `progress` when it fires and
 * rearms itself, so events cost nothing. Call `progressed` at the first token, because the idle deadline, which may be
 * nearer, applies from then on. Call `stop` at the end.
 */
export const watchDeadlines = (
  t0: number,
  { firstTokenMs, idleMs, totalMs }: Deadlines,
  progress: Progress,
  clock: { monotonic(): number },
  onExpire: (error: DeadlineError) => void,
) => {
  let timer: NodeJS.Timeout | undefined;

  const nearest = (): { at: number; error: () => DeadlineError } => {
    const total = {
      at: t0 + totalMs,
      error: () => expired('total_timeout', `did not finish within ${totalMs} ms`),
    };
    const other =
      progress.firstTokenAt === undefined
        ? {
            at: t0 + firstTokenMs,
            error: () => expired('first_token_timeout', `sent no token within ${firstTokenMs} ms`),
          }
        : {
            at: (progress.lastEventAt ?? progress.firstTokenAt) + idleMs,
            error: () => expired('idle_timeout', `sent nothing for ${idleMs} ms during the output`),
          };
    return other.at < total.at ? other : total;
  };

  const check = (): void => {
    clearTimeout(timer);
    const { at, error } = nearest();
    const left = at - clock.monotonic();
    if (left <= 0) onExpire(error());
    else timer = setTimeout(check, Math.ceil(left));
  };

  check();
  return { progressed: check, stop: () => clearTimeout(timer) };
};

const expired = (code: string, failure: string): DeadlineError =>
  new DeadlineError(`the model server ${failure}`, { code });
