import { seededRandom } from '../../../../local/model/random.ts';
import { startChild } from '../../child.ts';
import type { ServerOptions, ServerQuestion } from '../server-process.ts';
import type { Truth } from '../truth-server.ts';
import { type BareReader, startBareReader } from './bare-reader.ts';
import { type BusyLoops, startBusyLoops } from './busy-loops.ts';
import { type Condition, type Turn, turnsOf } from './conditions.ts';
import { type CpuQuotas, NO_THROTTLING, type Throttling, throttlingSince } from './cpu-quota.ts';
import { type Observed, type PathErrors, pathErrors } from './path-errors.ts';
import { readRecord, sendRequest } from './send.ts';
import { type PathStack, startPathStack } from './stack.ts';

/**
 * `root` is the checkout whose functions are measured. `samples` is the number of requests of a turn, `coldSamples`
 * that of cold starts; `warmUps` that of each door before the first turn, which do not count. `rate` is in tokens a second, `tokens` the number of tokens of each stream.
 */
export type PathOptions = {
  root: string;
  dataDir: string;
  conditions: readonly Condition[];
  quotas: CpuQuotas | undefined;
  rounds: number;
  samples: number;
  coldSamples: number;
  warmUps: number;
  rate: number;
  tokens: number;
  seed: number;
  log: (line: string) => void;
};

/** One stream. `throttling` is that of its request; `writeMs` is how long its server took for its median write. */
export type PathSample = Turn &
  Omit<Observed, 'arrivals' | 'text'> & { errors: PathErrors; throttling: Throttling; writeMs: number };

type Rig = {
  server: { ask(question: ServerQuestion): Promise<unknown> };
  bare: BareReader;
  busy: BusyLoops;
  stacks: ReadonlyMap<Condition['start'], PathStack>;
  makeKey: () => number;
  /** How long a stream takes at the least. */
  leastMs: number;
};

/** The truth server's time to the first token. */
const FIRST_MS = 50;
const BUSY_LOOPS = 2;
/** Of a turn of the bare client. Its median is taken off the errors of all others. */
const BARE_STREAMS = 10;

/**
 * Measures every condition once a round, one turn after another, with turns of the bare client between them. Cold
 * starts have a stack of their own, so that the environments of the warm one stay warm.
 */
export const measurePath = async (
  options: PathOptions,
  onProgress: (done: number, turns: readonly Turn[]) => void,
): Promise<PathSample[]> => {
  const closers: (() => Promise<void>)[] = [];
  try {
    const rig = await startRig(options, closers);
    await warmUp(options, rig);
    const turns = turnsOf(options.conditions, options.rounds, seededRandom(options.seed));
    const samples: PathSample[] = [];
    for (const [at, turn] of turns.entries()) {
      onProgress(at, turns);
      samples.push(...(await take(turn, options, rig)));
    }
    return samples;
  } finally {
    for (const close of closers.toReversed()) await close();
  }
};

const startRig = async (options: PathOptions, closers: (() => Promise<void>)[]): Promise<Rig> => {
  const { conditions, tokens, rate, seed, dataDir } = options;
  const opened = <T extends { end(): Promise<void> }>(part: T): T => {
    closers.push(() => part.end());
    return part;
  };
  const server = opened(
    startChild<ServerQuestion, unknown>(
      new URL('../server-process.ts', import.meta.url),
      JSON.stringify({ tokens, rate, first: true } satisfies ServerOptions),
    ),
  );
  const modelServer = String(await server.ask({ address: true }));
  const bare = opened(startBareReader(modelServer));
  const busy = opened(startBusyLoops(BUSY_LOOPS));
  const stacks = new Map<Condition['start'], PathStack>();
  for (const start of new Set(conditions.map((condition) => condition.start))) {
    const stack = await startPathStack({ ...options, dataDir: `${dataDir}/${start}`, modelServer });
    closers.push(stack.close);
    stacks.set(start, stack);
  }
  let nextKey = seed * 1_000_000;
  const makeKey = () => nextKey++;
  return { server, bare, busy, stacks, makeKey, leastMs: FIRST_MS + (tokens * 1_000) / rate };
};

/** Loads what is loaded once, and lets every function's code be compiled. Not counted. */
const warmUp = async ({ conditions, warmUps }: PathOptions, rig: Rig): Promise<void> => {
  const shapes = new Map(conditions.map((one) => [`${one.start} ${one.door} ${one.streams}`, one]));
  for (const condition of shapes.values())
    for (let at = 0; at < (condition.start === 'warm' ? warmUps : 1); at += 1)
      await observe({ ...condition, memoryMb: null }, rig);
  for (let at = 0; at < warmUps; at += 1) await rig.bare.read(rig.makeKey());
};

const take = async (turn: Turn, options: PathOptions, rig: Rig): Promise<PathSample[]> => {
  const { condition } = turn;
  const isBare = 'bare' in condition;
  const count = isBare ? BARE_STREAMS : condition.start === 'cold' ? options.coldSamples : options.samples;
  await rig.busy.set((isBare ? condition.bare : condition.load) === 'busy');
  const samples: PathSample[] = [];
  for (let at = 0; at < count; at += 1) {
    const { observed, throttling } = isBare
      ? { observed: [await rig.bare.read(rig.makeKey())], throttling: NO_THROTTLING }
      : await observe(condition, rig);
    const truths = (await rig.server.ask({ take: observed.map(({ key }) => key) })) as Truth[];
    for (const [index, { arrivals, text, ...one }] of observed.entries()) {
      const truth = truths[index];
      if (!truth) throw new Error(`the server has no truth of stream ${one.key}`);
      const errors = pathErrors({ arrivals, text, ...one }, truth);
      samples.push({ ...turn, ...one, errors, throttling, writeMs: medianWriteMs(truth) });
    }
  }
  await rig.busy.set(false);
  return samples;
};

const medianWriteMs = ({ emissions }: Truth): number => {
  const sorted = emissions.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

type Observation = { observed: Observed[]; throttling: Throttling };

/** The streams of one sample of a condition: two for two requests or outputs. */
const observe = async (
  condition: Condition,
  { stacks, makeKey, leastMs }: Pick<Rig, 'stacks' | 'makeKey' | 'leastMs'>,
): Promise<Observation> => {
  const stack = stacks.get(condition.start);
  if (!stack) throw new Error(`no stack for ${condition.start} starts`);
  if (condition.start === 'cold') await stack.retire();
  stack.limitCpu(condition.memoryMb);
  const requests =
    condition.streams === 'two-requests' ? [[makeKey()], [makeKey()]] : [keysOfOne(condition, makeKey)];
  const before = stack.throttling();
  const ids = await Promise.all(
    requests.map((keys) => sendRequest({ api: stack.api, leastMs }, condition, keys)),
  );
  const throttling = throttlingSince(before, stack.throttling());
  const observed: Observed[] = [];
  for (const [at, keys] of requests.entries()) {
    for (const [index, key] of keys.entries())
      observed.push(await readRecord(stack.api, { id: ids[at] ?? '', index, key }));
  }
  return { observed, throttling };
};

const keysOfOne = ({ streams }: Condition, makeKey: () => number): number[] =>
  streams === 'two-outputs' ? [makeKey(), makeKey()] : [makeKey()];
