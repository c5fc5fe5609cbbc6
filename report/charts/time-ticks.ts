/** The length of a bucket of time. */
export type Step = 'hour' | 'day';

/** A tick below the middle of its bucket; `below` is a second line, where the day or the year changes. */
export type TimeTick = { middle: number; text: string; below?: string };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LABEL_PX = 44;
/** A label has half its width on each side, and a margin takes most of that. */
const MARGIN_PX = LABEL_PX / 2 - 14;
const HOURS = [1, 2, 3, 6, 12, 24];
const DAYS = [1, 2, 7, 14, 28];
/** More days than these have months as ticks. */
const MOST_DAYS = 120;
const MONTHS_BETWEEN = [1, 2, 3, 6, 12];
const DAYS_OF_A_MONTH = 30;

const dayName = (date: Date): string => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
const clock = (date: Date): string => `${String(date.getUTCHours()).padStart(2, '0')}:00`;

/** A bucket in words, as `30 Nov 2026` or `30 Nov 2026, 14:00 UTC`. */
export const bucketName = (bucket: string, step: Step): string => {
  const date = new Date(bucket);
  if (Number.isNaN(date.getTime())) return bucket;
  const day = `${dayName(date)} ${date.getUTCFullYear()}`;
  return step === 'day' ? day : `${day}, ${clock(date)} UTC`;
};

/** As many ticks as have room: at full hours, every day or second day, Mondays, or the first of months. */
export const timeTicks = (buckets: readonly string[], step: Step, width: number): TimeTick[] => {
  const dates = buckets.map((bucket) => new Date(bucket));
  const perBucket = width / Math.max(1, buckets.length);
  const ticks = step === 'hour' ? hourTicks(dates, perBucket) : dayTicks(dates, perBucket);
  // Half a label may stand beyond the frame's ends, in the margin, but no more.
  return ticks.filter(
    ({ middle }) => middle * perBucket >= MARGIN_PX && (buckets.length - middle) * perBucket >= MARGIN_PX,
  );
};

const hourTicks = (dates: readonly Date[], perBucket: number): TimeTick[] => {
  const every = HOURS.find((hours) => hours * perBucket >= LABEL_PX);
  if (every === undefined || every === 24)
    return midnights(dates, perBucket).map(({ date, at }) => ({ middle: at + 0.5, text: dayName(date) }));
  const ticks = dates.flatMap((date, at) => (date.getUTCHours() % every === 0 ? [{ date, at }] : []));
  return ticks.map(({ date, at }, place) => ({
    middle: at + 0.5,
    text: clock(date),
    ...(place === 0 || date.getUTCHours() === 0 ? { below: dayName(date) } : {}),
  }));
};

const midnights = (dates: readonly Date[], perBucket: number): { date: Date; at: number }[] => {
  const all = dates.flatMap((date, at) => (date.getUTCHours() === 0 ? [{ date, at }] : []));
  const every = Math.max(1, Math.ceil(LABEL_PX / (24 * perBucket)));
  return all.filter((_, place) => place % every === 0);
};

const dayTicks = (dates: readonly Date[], perBucket: number): TimeTick[] => {
  const every = dates.length > MOST_DAYS ? undefined : DAYS.find((days) => days * perBucket >= LABEL_PX);
  const chosen = dates.flatMap((date, at) =>
    isTick(date, at, dates.length, every, perBucket) ? [{ date, at }] : [],
  );
  const years = new Set(dates.map((date) => date.getUTCFullYear()));
  let year: number | undefined;
  return chosen.map(({ date, at }) => {
    const isNewYear = years.size > 1 && date.getUTCFullYear() !== year;
    year = date.getUTCFullYear();
    return {
      middle: at + 0.5,
      text: every === undefined ? (MONTHS[date.getUTCMonth()] ?? '') : dayName(date),
      ...(isNewYear ? { below: String(year) } : {}),
    };
  });
};

const A_DAY_MS = 86_400_000;
/** 1970-01-05 was the first Monday. */
const FIRST_MONDAY = 4;

const isTick = (
  date: Date,
  at: number,
  length: number,
  every: number | undefined,
  perBucket: number,
): boolean => {
  if (every === undefined) {
    const months = MONTHS_BETWEEN.find((n) => n * DAYS_OF_A_MONTH * perBucket >= LABEL_PX) ?? 12;
    return date.getUTCDate() === 1 && date.getUTCMonth() % months === 0;
  }
  // Days and every second day are counted from the newest one; weeks begin on Mondays.
  if (every <= 2) return (length - 1 - at) % every === 0;
  return (Math.floor(date.getTime() / A_DAY_MS) - FIRST_MONDAY) % every === 0;
};
