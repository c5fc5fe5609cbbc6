const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** An instant as people write it, in UTC: `30 Nov 2026, 20:48 UTC`. */
export const momentText = (instant: string): string => {
  const date = new Date(instant);
  const day = date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
};

/** A number of seconds in its largest unit: `45 s`, `12 min`, `3 h`, `9 days`. */
export const durationText = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 2 * MINUTE_S) return `${whole}\u00a0s`;
  if (whole < 2 * HOUR_S) return `${Math.round(whole / MINUTE_S)}\u00a0min`;
  if (whole < 2 * DAY_S) return `${Math.round(whole / HOUR_S)}\u00a0h`;
  return `${Math.round(whole / DAY_S)}\u00a0days`;
};
