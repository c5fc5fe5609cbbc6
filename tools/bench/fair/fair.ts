import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exitOnSignal, readFlags, wholeNumber } from '../../command.ts';
import { startChild } from '../child.ts';
import { startStack } from '../files/stack.ts';
import { background, callerOf, direct, floodDirectly, floodQueue, type Noise } from './callers.ts';

type ModelServer = { url: string; model: string };
type Limits = 'off' | 'on';

const USAGE = 'usage: npm run bench -- fair [--rounds 3] [--requests 10] [--clients 24]';
/** How long a noisy caller has sent before the quiet one begins, in ms. */
const AHEAD_MS = 4_000;

const DOORS = {
  direct: { name: 'POST /runs, answered whole', ask: direct, flood: floodDirectly },
  queue: { name: 'background run, until it is completed', ask: background, flood: floodQueue },
};

/** One round of the quiet caller: how long each of its requests took, in ms, and what the noisy one did meanwhile. */
type Round = { ms: number[]; noise: Noise | undefined };

/** The cases, in the order in which each round goes through them. */
const CASES: { name: string; limits: Limits; isNoisy: boolean }[] = [
  { name: 'alone', limits: 'on', isNoisy: false },
  { name: 'beside the noisy caller, nothing kept', limits: 'off', isNoisy: true },
  { name: 'beside the noisy caller, a fifth kept', limits: 'on', isNoisy: true },
];

/**
 * `npm run bench -- fair`: one caller at full load against another's waiting, on the local stack, by both doors. The
 * quiet caller alone, beside the noisy one without a share of its own, and beside it with one, in turns.
 */
export const run = async (args: string[]): Promise<number> => {
  const { rounds, requests, clients } = parseOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  const before = loadavg();
  const models = startChild<{ ask: 'url' }, ModelServer>(new URL('./model-server.ts', import.meta.url), '');
  const { url, model } = await models.ask({ ask: 'url' });
  // A caller of its own for each round, so that nothing of an earlier one waits.
  const noisyKeys = Array.from({ length: rounds * 2 }, (_, at) => `noisy-${at}:${secretOf(`noisy-${at}`)}`);
  const start = (limits: Limits) =>
    startStack(mkdtempSync(join(folder, `${limits}-`)), {
      OPENAI_BASE_URL: url,
      DEFAULT_MODEL: model,
      EVERYTOKEN_API_KEYS: [`quiet:${secretOf('quiet')}`, ...noisyKeys].join(','),
      ...(limits === 'off' && { KEPT_FOR_OTHERS_PERCENT: '0' }),
    });
  const stacks = { off: await start('off'), on: await start('on') };
  console.log(
    `node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}; answers of a second; ` +
      `${rounds} rounds of ${requests} requests; the noisy caller has ${clients} clients, or a file and ten background runs a second`,
  );
  try {
    for (const [at, door] of Object.values(DOORS).entries()) {
      const results = new Map<string, Round[]>(CASES.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const { name, limits, isNoisy } of CASES) {
          const { api } = stacks[limits].file;
          const noisy = callerOf(api, secretOf(`noisy-${at * rounds + round}`));
          const quiet = callerOf(api, secretOf('quiet'));
          const flood = isNoisy ? (signal: AbortSignal) => door.flood(noisy, signal, clients) : undefined;
          results.get(name)?.push(await measure(() => door.ask(quiet), requests, flood));
        }
      }
      show(door.name, results);
    }
    console.log(`Load of the machine: ${loadOf(before)} before, ${loadOf(loadavg())} after.`);
    return 0;
  } finally {
    await Promise.all([stacks.off.end(), stacks.on.end(), models.end()]);
  }
};

const secretOf = (caller: string): string => `secret-of-the-caller-${caller}`;

const measure = async (
  ask: () => Promise<void>,
  requests: number,
  flood: ((signal: AbortSignal) => Promise<Noise>) | undefined,
): Promise<Round> => {
  await ask(); // it starts processes, and is not counted
  const stop = new AbortController();
  const flooding = flood?.(stop.signal);
  if (flooding) await delay(AHEAD_MS);
  const ms: number[] = [];
  try {
    for (let at = 0; at < requests; at += 1) {
      const startedAt = performance.now();
      await ask();
      ms.push(performance.now() - startedAt);
    }
  } finally {
    stop.abort();
    await flooding;
  }
  return { ms, noise: await flooding };
};

const show = (door: string, results: ReadonlyMap<string, Round[]>): void => {
  console.log(`\n${door}${' '.repeat(Math.max(1, 44 - door.length))}p50 (ms)   p99 (ms)`);
  for (const [name, rounds] of results) {
    const [p50, p99] = [0.5, 0.99].map((q) => median(rounds.map(({ ms }) => quantile(ms, q))));
    const answered = rounds.reduce((sum, { noise }) => sum + (noise?.answered ?? 0), 0);
    const refused = rounds.reduce((sum, { noise }) => sum + (noise?.refused ?? 0), 0);
    const noise = rounds[0]?.noise
      ? `   the noisy one: ${answered} answered or queued, ${refused} refused`
      : '';
    console.log(`  ${name.padEnd(42)}${cell(p50)}   ${cell(p99)}${noise}`);
  }
};

const cell = (ms = Number.NaN): string => ms.toFixed(0).padStart(8);
const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
const median = (values: readonly number[]): number => quantile(values, 0.5);
const loadOf = (load: number[]): string => load.map((value) => value.toFixed(1)).join(' ');

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
const parseOptions = (args: string[]) => {
  const flags = {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '10' },
    clients: { type: 'string', default: '24' },
  } as const;
  const { rounds, requests, clients } = readFlags(args, flags, USAGE);
  const upTo = (most: number) => ({ least: 1, most, usage: USAGE });
  return {
    rounds: wholeNumber('rounds', rounds, upTo(20)),
    requests: wholeNumber('requests', requests, upTo(1_000)),
    clients: wholeNumber('clients', clients, upTo(200)),
  };
};
