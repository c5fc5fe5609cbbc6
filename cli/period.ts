import { CommandError } from './command.ts';

/**
 * Reads the value of `--since` and `--until` for the API. Dates and times without an offset are the person's own, as
 * commands print them; times before now (`7d`) and instants with an offset stay as they are. A date of `--until` is
 * inclusive.
 *
 * @throws {CommandError} for any other text
 */
export const parseTime =
  (end: 'since' | 'until') =>
  (text: string): string => {
    if (/^\d+[mhdw]$/.test(text)) return text;
    if (/T.*(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
    const days = end === 'until' ? 1 : 0;
    const today = new Date();
    if (text === 'today') return midnight(today.getFullYear(), today.getMonth(), today.getDate() + days);
    if (text === 'yesterday')
      return midnight(today.getFullYear(), today.getMonth(), today.getDate() - 1 + days);
    const [, year, month, day, hours, minutes, seconds] = (LOCAL.exec(text) ?? []).map(Number);
    const isDate = year !== undefined && month !== undefined && day !== undefined && isDay(year, month, day);
    if (!isDate)
      throw new CommandError(
        'it takes a time before now (30m, 24h, 7d, 4w), today, yesterday, a date (2026-11-30), or a time ("2026-11-30 18:04")',
      );
    if (hours === undefined || Number.isNaN(hours)) return midnight(year, month - 1, day + days);
    return new Date(year, month - 1, day, hours, minutes, seconds || 0).toISOString();
  };

/** As `localTime` prints it, with or without its time and seconds. */
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?$/;

const isDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day;
};

/** Days beyond the end of a month are those of the next. */
const midnight = (year: number, month: number, day: number): string =>
  new Date(year, month, day).toISOString();
