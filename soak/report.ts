import type { SoakOptions } from './options.ts';
import type { SoakResult } from './soak.ts';

/** Whether the invariant holds: all that was accepted has ended, once, and nothing else is left behind. */
export const holds = ({ audit, quietAfterMs, ledger }: SoakResult): boolean => {
  const ended = Object.values(audit.ended).reduce((sum, count) => sum + count, 0);
  const isSound = Object.values(audit.broken).every((count) => count === 0);
  return quietAfterMs !== null && ledger.unanswered.size === 0 && ended === audit.accepted && isSound;
};

/** The soak in figures, one a line. */
export const reportOf = (options: SoakOptions, result: SoakResult): string => {
  const { audit, ledger } = result;
  const { ended } = audit;
  const rows: [string, string | number][] = [
    ['seed', options.seed],
    ['minutes of load', options.minutes],
    ['kill -9 of the whole stack', result.kills],
    ['offered by clients', result.offered],
    ['Idempotency-Keys sent twice at once', ledger.repeated],
    ...Object.entries(result.faults).map(([name, { requests, faults }]): [string, string] => [
      `faults in ${requests} ${name} requests`,
      listOf(faults),
    ]),
    ['answers', listOf(Object.fromEntries(ledger.answers))],
    ['files, their lines, bad lines', listOf(audit.files)],
    ['accepted runs', audit.accepted],
    ['completed + failed + cancelled + deleted', Object.values(ended).join(' + ')],
    ['there, though their answer was lost', `${audit.unasked} (${ledger.unknown} had no key to ask again)`],
    ['outputs and vectors checked', `${audit.checked.outputs}, ${audit.checked.vectors}`],
    ['unpointed outputs, to be reclaimed', audit.unpointed],
    ['at rest after the last start', result.quietAfterMs === null ? 'never' : seconds(result.quietAfterMs)],
    ...Object.entries(audit.broken),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [
    '',
    ...table,
    '',
    ...audit.examples,
    holds(result) ? 'the invariant holds' : 'THE INVARIANT IS BROKEN',
  ].join('\n');
};

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const listOf = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
