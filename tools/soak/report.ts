import type { SoakOptions } from './options.ts';
import type { SoakResult } from './soak.ts';

/** Whether the invariant holds: every accepted run and file has ended, exactly once, and left nothing else behind. */
export const holds = ({ audit, quietAfterMs, ledger, fuzz }: SoakResult): boolean => {
  const ended = Object.values(audit.ended).reduce((sum, count) => sum + count, 0);
  const isSound = Object.values(audit.broken).every((count) => count === 0);
  if (Object.values(fuzz).some(({ broken }) => broken.length > 0)) return false;
  return quietAfterMs !== null && ledger.unanswered.size === 0 && ended === audit.accepted && isSound;
};

/** The figures of a soak, one a line. */
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
    [
      'stored although the answer was lost',
      `${audit.unacknowledged} (${ledger.unknown} had no key to retry with)`,
    ],
    ['outputs and vectors checked', `${audit.checked.outputs}, ${audit.checked.vectors}`],
    ['unreferenced outputs, to be reclaimed', audit.unreferenced],
    ['at rest after the last start', result.quietAfterMs === null ? 'never' : seconds(result.quietAfterMs)],
    ...fuzzRows(result),
    ...Object.entries(audit.broken),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [
    '',
    ...table,
    '',
    ...audit.examples,
    ...Object.values(result.fuzz)
      .flatMap(({ broken }) => broken)
      .slice(0, MOST_SHOWN),
    holds(result) ? 'the invariant holds' : 'THE INVARIANT IS BROKEN',
  ].join('\n');
};

const MOST_SHOWN = 10;

const fuzzRows = ({ fuzz: { requests, files, texts }, odd }: SoakResult): [string, string | number][] => [
  ['fuzzed requests', requests.sent],
  ['their faults', listOf(Object.fromEntries(requests.faults))],
  ...[...requests.statuses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([route, statuses]): [string, string] => [`  ${route}`, listOf(Object.fromEntries(statuses))]),
  [
    'refusals with the state compared before and after',
    `${requests.refusalsCompared} in ${requests.compared} batches`,
  ],
  ['requests that broke something', requests.broken.length],
  ['fuzzed files', `${files.dropped}, of which ${files.ignored} are not prompt files`],
  ['their faults', listOf(Object.fromEntries(files.faults))],
  ['  their ends', listOf(Object.fromEntries(files.ends))],
  ['  lines in their results', files.lines],
  ['files that broke something', files.broken.length],
  ['odd answers of the model server', listOf(odd)],
  ['outputs of such answers with the text known', texts.known],
  ['outputs with another text', texts.broken.length],
];

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const listOf = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
