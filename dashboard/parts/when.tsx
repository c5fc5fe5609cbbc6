const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', year: 'numeric' });

/** `14:02:11` of today, `Nov 29, 14:02` of this year, `Nov 29, 2025` of an earlier one: the reader's own time. */
const whenText = (instant: string, now = new Date()): string => {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  if (date.getFullYear() !== now.getFullYear()) return DAY_OF_YEAR.format(date);
  const time = TIME.format(date);
  return date.toDateString() === now.toDateString() ? time : `${DAY.format(date)}, ${time.slice(0, 5)}`;
};

/** An instant in the reader's own time; a tip has it as the API wrote it. */
export const When = ({ at }: { at: string }) => (
  <time dateTime={at} title={at}>
    {whenText(at)}
  </time>
);
