import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { resultKey } from '../../../lib/files/results/objects.ts';
import type { FileView } from '../../../lib/files/view.ts';
import { monotonicMs } from '../../../local/openai/pace.ts';
import { pollUntil } from '../../poll-until.ts';
import { type Checked, checkResults } from './check-results.ts';
import { type Clients, clientsOf, idBeforehand, makeSource, upload } from './clients.ts';
import type { Phases } from './phases.ts';
import { machineCpu, type ProcessFigures, watchProcesses } from './processes.ts';
import { generatePattern, lineRunIdOf } from './seed-runs.ts';
import { type Stack, startStack } from './stack.ts';
import { readProfile, sharesOfParts } from './stack-profile.ts';

/** The resources a process used while the lines were generated. */
export type Share = Pick<ProcessFigures, 'role' | 'peakBytes' | 'cpuMs' | 'threadMs' | 'waitedMs'>;

export type GenerationResult = {
  lines: number;
  /** From the end of reading to the last line that is done. */
  ms: number;
  shares: Share[];
  /** Shares (of 1) of the stack process's CPU time, by part of the stack; empty when it left no profile. */
  parts: Map<string, number>;
  machine: { busyMs: number; idleMs: number };
  checked: Checked;
};

type Given = {
  lines: number;
  folder: string;
  variables: Record<string, string>;
  phases: Phases;
  modelServer: number;
};

const KEY = 'prompts/@local/generated.jsonl';
const LIMIT_MS = 60 * 60_000;
const EVERY_MS = 250;
const PROGRESS_MS = 1_000;
const PROFILE_EVERY_US = 5_000;

/** Generates all lines of a file with a model server that answers at once, and measures which process used the CPU. */
export const generationPart = async (given: Given): Promise<GenerationResult> => {
  const { lines, folder, variables, phases } = given;
  const dataDir = join(folder, 'generation');
  mkdirSync(dataDir);
  const source = await makeSource(folder, 'generated', lines);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${dataDir}`, `--cpu-prof-interval=${PROFILE_EVERY_US}`];
  const stack = await phases.run('starting another stack', () => startStack(dataDir, variables, flags));
  const clients = clientsOf(stack.file);
  const watch = watchProcesses([stack.pid], [process.pid, given.modelServer]);
  try {
    // Starts and warms up the processes that generate.
    await generatePattern(folder, clients);
    const id = await idBeforehand(source, KEY, clients);
    await upload(source, KEY, clients);
    await pollUntil('the file to be read', async () => isRead(await viewOf(id, stack)), LIMIT_MS, EVERY_MS);
    const before = { seen: watch.seen(), machine: machineCpu() };
    const fromMs = monotonicMs();
    const ms = await phases.run(
      'generating, with a model server that answers at once',
      () => untilGenerated(id, lines, stack, phases),
      lines,
    );
    const toMs = monotonicMs();
    const shares = sharesBetween(before.seen, watch.seen(), namesOf(given.modelServer));
    const machine = since(before.machine, machineCpu());
    const checked = await phases.run(
      'assembling, and comparing each line with its input',
      () => untilChecked(id, stack, clients),
      lines,
    );
    clients.destroy();
    await stack.end();
    const profile = readProfile(dataDir, stack.pid);
    return {
      lines,
      ms,
      shares,
      parts: profile ? sharesOfParts(profile, { fromMs, toMs }) : new Map(),
      machine,
      checked,
    };
  } finally {
    watch.end();
    clients.destroy();
    await stack.kill();
  }
};

const viewOf = async (id: string, { file }: Stack): Promise<FileView | undefined> => {
  const response = await fetch(`${file.api}/files/${id}`);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`GET /files/${id}: ${response.status} ${await response.text()}`);
  return (await response.json()) as FileView;
};

const isRead = (view: FileView | undefined): boolean => view !== undefined && view.status !== 'reading';

const untilGenerated = async (id: string, lines: number, stack: Stack, phases: Phases): Promise<number> => {
  const from = performance.now();
  await pollUntil(
    'all lines to be generated',
    async () => {
      const view = await viewOf(id, stack);
      const done = (view?.counts.completed ?? 0) + (view?.counts.failed ?? 0);
      phases.progress(`${done} lines, ${((done * 1000) / (performance.now() - from)).toFixed(1)} a second`);
      return done >= lines;
    },
    LIMIT_MS,
    PROGRESS_MS,
  );
  return performance.now() - from;
};

const untilChecked = async (id: string, stack: Stack, clients: Clients): Promise<Checked> => {
  const ended = await pollUntil(
    'the results',
    async () => {
      const view = await viewOf(id, stack);
      return view?.ended_at ? view : undefined;
    },
    LIMIT_MS,
    EVERY_MS,
  );
  const body = await clients.stream(resultKey(ended, '.jsonl'));
  return checkResults(body, (line) => lineRunIdOf(line, KEY, clients));
};

const namesOf = (modelServer: number) =>
  new Map([
    [modelServer, 'model server'],
    [process.pid, 'this benchmark'],
  ]);

/** The resources that each process used between two looks at them. `names` replaces roles by process id. */
export const sharesBetween = (
  before: readonly ProcessFigures[],
  after: readonly ProcessFigures[],
  names: ReadonlyMap<number, string>,
): Share[] =>
  after.map((now) => {
    const then = before.find(({ pid }) => pid === now.pid) ?? { cpuMs: 0, threadMs: 0, waitedMs: 0 };
    return {
      ...{ role: names.get(now.pid) ?? now.role, peakBytes: now.peakBytes, cpuMs: now.cpuMs - then.cpuMs },
      ...{ threadMs: now.threadMs - then.threadMs, waitedMs: now.waitedMs - then.waitedMs },
    };
  });

const since = (
  before: { busyMs: number; idleMs: number },
  after: { busyMs: number; idleMs: number },
): { busyMs: number; idleMs: number } => ({
  busyMs: after.busyMs - before.busyMs,
  idleMs: after.idleMs - before.idleMs,
});
