import type { FileEstimate, FileSummary } from '../../client/index.ts';

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export const durationText = (seconds: number): string => {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
};

export const countText = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** `typically 12 (10 to 40)`, or the bounds alone where nothing tells what is typical. */
export const rangeText = (
  { low, typical, high }: FileEstimate['tokens'],
  format: (value: number) => string,
): string => {
  const bounds = low === high ? format(high) : `${format(low)} to ${format(high)}`;
  return typical === null || low === high ? bounds : `typically ${format(typical)} (${bounds})`;
};

type Progress = Pick<FileSummary, 'status' | 'counts' | 'ended_at' | 'stopped'>;

/** The status in words. */
export const statusText = ({ status, stopped, ended_at, counts }: Progress): string => {
  if (stopped && ended_at !== null) return 'stopped';
  if (stopped) return 'stopping';
  if (status === 'completed_with_errors') return 'with errors';
  if (status === 'generating' && counts.remaining === 0) return 'writing results';
  return status.replaceAll('_', ' ');
};

const TONES = new Map<FileSummary['status'], string>([
  ['completed', 'good'],
  ['completed_with_errors', 'bad'],
  ['failed', 'bad'],
  ['reading', 'busy'],
  ['generating', 'busy'],
]);

export const toneOf = ({ status }: Pick<FileSummary, 'status'>): string => TONES.get(status) ?? '';

/** Lines that are done, of all; null before the file is read. */
export const doneOf = ({ counts }: Pick<FileSummary, 'counts'>): { done: number; lines: number } | null => {
  const { lines, remaining } = counts;
  if (lines === null) return null;
  return { done: Math.max(0, lines - (remaining ?? lines)), lines };
};
