/** A duration in the two largest units: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
};

/** An instant in the person's own time zone (TZ), as `2026-11-30 18:04:05`. */
export const localTime = (instant: string | number): string => {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '—';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** `localTime` in fewer columns: the time of day of today, day and time of this year, else the date. */
export const shortTime = (instant: string | number, now: number = Date.now()): string => {
  const [time, today] = [localTime(instant), localTime(now)];
  if (time.length < today.length) return time;
  if (time.slice(0, 10) === today.slice(0, 10)) return time.slice(11);
  return time.slice(0, 5) === today.slice(0, 5) ? time.slice(5, 16) : time.slice(0, 10);
};
