import type { Comparison, Export, File, Run } from '../../client/index.ts';
import { ExitStatus } from '../exit-status.ts';
import { printableLine } from '../terminal/printable.ts';
import { countOf, dollars, secondsOf, whole } from '../terminal/units.ts';

export type Stored = Run | File | Comparison | Export;

/** How something ended: a line for people, and the exit status. */
export type Outcome = { text: string; status: number };

export const outcomeOf = (stored: Stored): Outcome => {
  const parts = [stored.id, stored.status, ...figuresOf(stored)];
  if (stored.error !== null && stored.error.code !== stored.status)
    parts.push(`${stored.error.code}: ${stored.error.message}`);
  return { text: parts.map(printableLine).join(' · '), status: statusOf(stored) };
};

const figuresOf = (stored: Stored): string[] => {
  if (stored.object === 'run') return figuresOfRun(stored);
  if (stored.object === 'file') {
    const { counts, cost_usd } = stored;
    return [
      `${counts.completed} of ${counts.lines ?? '—'} rows`,
      ...failures(counts.failed),
      dollars(cost_usd),
    ];
  }
  if (stored.object === 'comparison') {
    const { completed, generations, failed } = stored.progress;
    return [`${completed} of ${generations} outputs`, ...failures(failed)];
  }
  return [countOf(stored.rows, 'row'), stored.format];
};

const figuresOfRun = ({ generations, usage, cost_usd }: Run): string[] => {
  if (generations.length === 0) return [];
  const longest = Math.max(...generations.map(({ timing }) => timing?.e2e_ms ?? 0));
  const failed = generations.filter(({ status }) => status === 'failed').length;
  return [
    `${whole(usage.completion_tokens)} tokens`,
    ...(longest > 0 ? [secondsOf(longest)] : []),
    dollars(cost_usd),
    ...(generations.length > 1 ? failures(failed) : []),
  ];
};

const failures = (count: number): string[] => (count === 0 ? [] : [`${count} failed`]);

/** 3 when a part of it failed, 1 when all did or it was cancelled. A run whose outputs could not be indexed has its texts. */
const statusOf = (stored: Stored): number => {
  if (stored.object === 'run') {
    const completed = stored.generations.filter(({ status }) => status === 'completed').length;
    if (completed === 0) return ExitStatus.failed;
    return stored.error === null && completed === stored.generations.length
      ? ExitStatus.ok
      : ExitStatus.partlyFailed;
  }
  if (stored.status === 'completed') return ExitStatus.ok;
  return stored.status === 'completed_with_errors' ? ExitStatus.partlyFailed : ExitStatus.failed;
};

/** The exit status of several: theirs if all have the same, 3 if they differ. */
export const jointStatus = (statuses: readonly number[]): number => {
  const [first = ExitStatus.ok, ...others] = statuses;
  return others.every((status) => status === first) ? first : ExitStatus.partlyFailed;
};
