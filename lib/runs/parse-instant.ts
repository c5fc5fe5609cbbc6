const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

export const INSTANT_RULE =
  'must be a date (2026-11-22) or an instant with its offset (2026-11-22T13:00:00Z)';

/**
 * Epoch ms of an ISO 8601 date (UTC) or instant; `undefined` for anything else, days that do not exist included. A
 * date as an `until` means the end of that day, so that `since=D&until=D` is the whole of D.
 */
export const parseInstant = (text: string, bound: 'since' | 'until'): number | undefined => {
  const isDate = DATE.test(text);
  if (!isDate && !INSTANT.test(text)) return undefined;
  const day = Date.parse(text.slice(0, 10));
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  if (isDate) return bound === 'until' ? Math.min(day + DAY_MS, LAST_MS) : day;
  const instant = Date.parse(text);
  // An offset can lead out of the years of four digits, which alone compare as strings. NaN is in no range.
  return instant >= FIRST_MS && instant <= LAST_MS ? instant : undefined;
};
