import type { PromptFile } from '../../../../client/index.ts';
import { bar } from '../../../terminal/bar.ts';
import { duration } from '../../../terminal/time.ts';
import { counted, dollars } from '../../../terminal/units.ts';

type Shown = Pick<
  PromptFile,
  'status' | 'counts' | 'paid_usd' | 'rows_per_second' | 'seconds_left' | 'dry_run'
>;

const BAR = { min: 10, max: 40 };

/** One line for a file under way: a bar, then done of total, failed, rows a second, time left, cost paid so far. */
export const fileLine = (file: Shown, width: number): string => {
  if (file.status === 'awaiting_upload') return 'waiting for the bytes…';
  if (file.status === 'reading') return 'reading the rows…';
  const { counts, rows_per_second, seconds_left, paid_usd } = file;
  const lines = counts.lines ?? 0;
  const done = Math.max(0, lines - (counts.remaining ?? lines));
  const isAssembled = file.status === 'generating' && counts.remaining === 0;
  const pieces = [
    `${counted(done)} of ${counted(lines)}`,
    ...(counts.failed > 0 ? [`${counted(counts.failed)} failed`] : []),
    ...(rows_per_second === null || rows_per_second === 0 ? [] : [`${rateText(rows_per_second)} rows/s`]),
    ...(isAssembled ? ['writing the results'] : []),
    ...(seconds_left === null || isAssembled ? [] : [`${duration(Math.max(1, seconds_left))} left`]),
    ...(file.dry_run ? [] : [dollars(paid_usd)]),
  ];
  const text = pieces.join(' · ');
  const room = Math.min(BAR.max, Math.max(BAR.min, width - text.length - 1));
  return `${bar(lines === 0 ? 0 : done / lines, room)} ${text}`;
};

const rateText = (rate: number): string => (rate < 10 ? rate.toFixed(1) : counted(rate));
