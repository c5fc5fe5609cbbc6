import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOnSignal } from '../../../command.ts';
import { boundCostMicros } from '../bound-cost.ts';
import { measureShares } from './busy-loops.ts';
import { cpuName, nameOf, type Turn } from './conditions.ts';
import { type CpuQuotas, openCpuQuotas, shareOfMemory } from './cpu-quota.ts';
import { measurePath, type PathOptions, type PathSample } from './measure-path.ts';
import { type PathLine, pathLines, transitOf } from './path-results.ts';
import { PATH_LEGEND, pathHeadings, pathTables } from './path-table.ts';
import { judged, pathVerdict } from './path-verdict.ts';

export type PathPartOptions = Omit<PathOptions, 'dataDir' | 'quotas' | 'log' | 'warmUps'>;

export type PathResult = {
  cpuShares: { memoryMb: number | null; share: number }[];
  lines: PathLine[];
  verdict: string[];
  samples: PathSample[];
};

const WARM_UPS = 5;

/**
 * The second part of `npm run bench -- truth`: the packaged functions under the local stack, held to the truth. Prints
 * tables and verdict. Without CPU quotas on this system, conditions with one are left out, and a line says so.
 */
export const runPathPart = async (options: PathPartOptions): Promise<PathResult> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-truth-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  const quotas = quotasFor(options.conditions);
  const conditions = options.conditions.filter(({ memoryMb }) => memoryMb === null || quotas !== undefined);
  const cpuShares = quotas
    ? await showShares(
        quotas,
        conditions.map(({ memoryMb }) => memoryMb),
      )
    : [];
  const samples = await measurePath(
    { ...options, conditions, quotas, dataDir, warmUps: WARM_UPS, log: showErrors },
    showProgress(),
  );
  const transit = transitOf(samples);
  const lines = pathLines(samples, conditions, transit);
  const verdict = [...pathVerdict(samples, transit), costVerdict(boundCostMicros())];
  console.log(`\n${[...PATH_LEGEND, '', ...pathHeadings(), ...pathTables(lines, samples)].join('\n')}`);
  console.log(`\n${verdict.join('\n')}`);
  return { cpuShares, lines, verdict, samples };
};

/** The aim for the CPU time of the bounds, in us for a token. */
const MOST_BOUND_MICROS = 0.1;

const costVerdict = (micros: number): string =>
  `${judged(micros <= MOST_BOUND_MICROS)}: the bounds cost ${micros.toFixed(3)} us of CPU for a read, which brings at least a token; the aim is ${MOST_BOUND_MICROS}.`;

const quotasFor = (conditions: PathOptions['conditions']): CpuQuotas | undefined => {
  if (conditions.every(({ memoryMb }) => memoryMb === null)) return undefined;
  const quotas = openCpuQuotas();
  if (!('missing' in quotas)) return quotas;
  console.log(`No CPU quotas on this machine (${quotas.missing}): only conditions without one are measured.`);
  return undefined;
};

const showShares = async (
  quotas: CpuQuotas,
  memories: (number | null)[],
): Promise<PathResult['cpuShares']> => {
  const shares = [...(await measureShares(quotas, [...new Set(memories)]))];
  const words = shares.map(
    ([memoryMb, share]) =>
      `${(100 * share).toFixed(1)}% with ${memoryMb === null ? cpuName(null) : `the ${cpuName(memoryMb)} (${(100 * shareOfMemory(memoryMb)).toFixed(1)}%)`}`,
  );
  console.log(`CPU quotas by ${quotas.version}: a busy loop gets ${words.join(', ')}.`);
  return shares.map(([memoryMb, share]) => ({ memoryMb, share }));
};

/** The functions' own errors; their other lines are left out. */
const showErrors = (line: string): void => {
  if (/"level":"error"|Sandbox\.|Runtime\./i.test(line)) console.error(line);
};

const PROGRESS_EVERY = 10;

const showProgress = () => {
  const startedAt = performance.now();
  return (done: number, turns: readonly Turn[]): void => {
    if (done % PROGRESS_EVERY !== 0) return;
    const turn = turns[done];
    if (!turn) return;
    const { condition } = turn;
    const name =
      'bare' in condition
        ? 'bare client'
        : `${condition.start} ${nameOf(condition)}, ${cpuName(condition.memoryMb)}`;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(`path · round ${turn.round} · turn ${done + 1} of ${turns.length} · ${seconds} s · ${name}`);
  };
};
