const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;

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
  if (isDate) return bound === 'until' ? day + DAY_MS : day;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
};
