import { DeadlineError } from '../../errors.ts';
import type { Deadlines } from '../../generate/model.ts';

/** What the watch looks at: undefined until it happened; instants on the clock's monotonic scale. */
type Progress = {
  readonly firstTokenAt: number | undefined;
  readonly lastEventAt: number | undefined;
};

/**
 * Watches one attempt: `firstTokenMs` and `totalMs` count from t0, `idleMs` from the last data event once there was a
 * token. One timer at a time, looked at again when it fires, so an event costs nothing. `progressed` is called at the
 * first token, when a nearer deadline may begin.
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
    const total = { at: t0 + totalMs, error: () => expired('total_timeout', `no end within ${totalMs} ms`) };
    const other =
      progress.firstTokenAt === undefined
        ? {
            at: t0 + firstTokenMs,
            error: () => expired('first_token_timeout', `no token within ${firstTokenMs} ms`),
          }
        : {
            at: (progress.lastEventAt ?? progress.firstTokenAt) + idleMs,
            error: () => expired('idle_timeout', `nothing for ${idleMs} ms amid the output`),
          };
    return other.at < total.at ? other : total;
  };

  const look = (): void => {
    clearTimeout(timer);
    const { at, error } = nearest();
    const left = at - clock.monotonic();
    if (left <= 0) onExpire(error());
    else timer = setTimeout(look, Math.ceil(left));
  };

  look();
  return { progressed: look, stop: () => clearTimeout(timer) };
};

const expired = (code: string, what: string): DeadlineError =>
  new DeadlineError(`the model server sent ${what}`, { code });
