import type { PromptFile } from '../../../../client/index.ts';
import { bar } from '../../../terminal/bar.ts';
import { duration } from '../../../terminal/time.ts';
import { counted, dollars } from '../../../terminal/units.ts';

type Shown = Pick<
  PromptFile,
  'status' | 'counts' | 'paid_usd' | 'rows_per_second' | 'seconds_left' | 'dry_run'
>;

const BAR = { min: 10, max: 40 };

/**
 * One line for a file under way: a bar, then done of total, failed, rows a second, time left, cost paid so far. The rate
 * and then the time are left out where it is narrow.
 */
export const fileLine = (file: Shown, width: number): string => {
  if (file.status === 'awaiting_upload') return 'waiting for the bytes…';
  if (file.status === 'reading') return 'reading the rows…';
  const { counts, rows_per_second, seconds_left, paid_usd } = file;
  const lines = counts.lines ?? 0;
  const done = Math.max(0, lines - (counts.remaining ?? lines));
  const isAssembled = file.status === 'generating' && counts.remaining === 0;
  const rate = rows_per_second ? [`${rateText(rows_per_second)} rows/s`] : [];
  const left = seconds_left === null ? [] : [`${duration(Math.max(1, seconds_left))} left`];
  const textWith = (...between: string[]): string =>
    [
      `${counted(done)} of ${counted(lines)}`,
      ...(counts.failed > 0 ? [`${counted(counts.failed)} failed`] : []),
      ...between,
      ...(file.dry_run || paid_usd === null ? [] : [dollars(paid_usd)]),
    ].join(' · ');
  const texts = isAssembled
    ? [textWith('writing the results')]
    : [textWith(...rate, ...left), textWith(...left)];
  const text = texts.find(({ length }) => length + 1 + BAR.min <= width) ?? textWith();
  const room = Math.min(BAR.max, Math.max(BAR.min, width - text.length - 1));
  return `${bar(lines === 0 ? 0 : done / lines, room)} ${text}`;
};

const rateText = (rate: number): string => (rate < 10 ? rate.toFixed(1) : counted(rate));
