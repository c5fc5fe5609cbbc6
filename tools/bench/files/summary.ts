import type { GenerationResult, Share } from './generation-part.ts';
import type { IntakeResult } from './intake-part.ts';

const LIMIT_BYTES = 256_000_000;
const MB = 1_000_000;

/** The verdict on intake and assembly in sentences, and whether all checks held. */
export const intakeVerdict = (
  { bytes, lives, checked, status }: IntakeResult,
  lines: number,
): { held: boolean; sentences: string[] } => {
  const peak = Math.max(...lives.map(({ peakBytes }) => peakBytes));
  const isWhole = checked.lines === lines && checked.wrong === undefined && status === 'completed';
  const isSmall = peak > 0 && peak < LIMIT_BYTES;
  const kills = lives.length - 1;
  const peaks = lives.map(({ ended, peakBytes }) => `${(peakBytes / MB).toFixed(0)} MB (ended ${ended})`);
  const size = `${lines} lines, ${(bytes / MB).toFixed(1)} MB`;
  return {
    held: isWhole && (isSmall || peak === 0),
    sentences: [
      `${isWhole ? 'held' : 'NOT held'}: ${size}: killed with -9 ${kills === 2 ? 'twice' : `${kills} times`}, started again, ${status} with ${checked.lines} result lines (${(checked.bytes / MB).toFixed(1)} MB)${checked.wrong === undefined ? ', each matching its input line, in order' : `; ${checked.wrong}`}.`,
      peak === 0
        ? 'not measured: memory (this machine has no /proc).'
        : `${isSmall ? 'held' : 'NOT held'}: peak RSS of the intake function’s processes ${peaks.join(', ')}; the limit is ${LIMIT_BYTES / MB} MB.`,
    ],
  };
};

/** CPU use while the lines were generated, one row for each kind of process. */
export const shareTable = ({
  shares,
  lines,
  ms,
  parts,
}: Pick<GenerationResult, 'shares' | 'lines' | 'ms' | 'parts'>): string[] => {
  const head = `${''.padEnd(34)}${'CPU ms'.padStart(9)}${'cores'.padStart(8)}${'thread on'.padStart(11)}${'ready,'.padStart(9)}${'peak'.padStart(8)}`;
  const below = `${'process'.padEnd(34)}${'a run'.padStart(9)}${'used'.padStart(8)}${'CPU'.padStart(11)}${'waiting'.padStart(9)}${'MB'.padStart(8)}`;
  const roles = [...Map.groupBy(shares, ({ role }) => role)].toSorted(
    ([, a], [, b]) => sum(b, 'cpuMs') - sum(a, 'cpuMs'),
  );
  const rows = roles.flatMap(([role, own]) => [
    rowOf(`${own.length > 1 ? `${own.length} x ` : ''}${role}`, own, { lines, ms }),
    ...(role === 'stack' ? partRows(parts, sum(own, 'cpuMs') / lines) : []),
  ]);
  return [head, below, ...rows, rowOf('all', shares, { lines, ms }).slice(0, 51).trimEnd()];
};

const rowOf = (
  name: string,
  own: readonly Share[],
  { lines, ms }: Pick<GenerationResult, 'lines' | 'ms'>,
): string => {
  // The average of the processes of this kind.
  const percent = (key: 'threadMs' | 'waitedMs') =>
    `${((100 * sum(own, key)) / ms / own.length).toFixed(0)}%`;
  const peak = Math.max(...own.map(({ peakBytes }) => peakBytes)) / MB;
  const cpuMs = sum(own, 'cpuMs');
  return `${name.padEnd(34)}${(cpuMs / lines).toFixed(1).padStart(9)}${(cpuMs / ms).toFixed(2).padStart(8)}${percent('threadMs').padStart(11)}${percent('waitedMs').padStart(9)}${peak.toFixed(0).padStart(8)}`;
};

const partRows = (parts: ReadonlyMap<string, number>, msARun: number): string[] =>
  [...parts]
    .filter(([, share]) => share * msARun >= 0.05)
    .map(([part, share]) => `${`  ${part}`.padEnd(34)}${(share * msARun).toFixed(1).padStart(9)}`);

const sum = (shares: readonly Share[], key: 'cpuMs' | 'threadMs' | 'waitedMs'): number =>
  shares.reduce((total, share) => total + share[key], 0);

/** A thread or a machine that is busy for this share of the time is taken as the bottleneck. */
const FULL = 0.9;

/** The verdict on generation in sentences: runs a second and their bottleneck. */
export const generationVerdict = (
  { lines, ms, shares, machine, checked }: GenerationResult,
  cores: number,
): { held: boolean; sentences: string[] } => {
  const cpuMs = sum(shares, 'cpuMs');
  const others = Math.max(0, machine.busyMs - cpuMs) / ms;
  const busy = machine.busyMs / (machine.busyMs + machine.idleMs);
  const isWhole = checked.lines === lines && checked.wrong === undefined;
  const threads = [...Map.groupBy(shares, ({ role }) => role)].map(([role, own]) => ({
    role,
    wanted: (sum(own, 'threadMs') + sum(own, 'waitedMs')) / ms / own.length,
  }));
  const full = threads.filter(({ wanted }) => wanted >= FULL).map(({ role }) => `the one thread of ${role}`);
  const bounds = [
    ...(busy >= FULL ? [`the CPU of the machine (${(100 * busy).toFixed(0)}% busy)`] : []),
    ...full,
  ];
  return {
    held: isWhole,
    sentences: [
      `${isWhole ? 'held' : 'NOT held'}: ${lines} lines generated, ${checked.lines} result lines${checked.wrong === undefined ? ', each matching its input line, in order' : `; ${checked.wrong}`}.`,
      `${((lines * 1000) / ms).toFixed(1)} runs a second. Of ${cores} cores ${(cpuMs / ms).toFixed(2)} were this benchmark’s, ${others.toFixed(2)} other processes’.`,
      bounds.length > 0
        ? `Bottleneck: ${bounds.join(', and ')}.`
        : 'Neither the machine nor one thread was full: the bottleneck is waiting, four runs at a time.',
      `A run takes ${(cpuMs / lines).toFixed(1)} ms of CPU in all, so ${cores} cores with nothing else to do give at most ${((cores * 1000 * lines) / cpuMs).toFixed(0)} a second.`,
    ],
  };
};
