import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../local/model/random.ts';
import { type Audit, audit } from './audit.ts';
import type { FaultCounts } from './fault-proxy.ts';
import { type FuzzReport, fuzzStack } from './fuzz/fuzz-stack.ts';
import { untilNothingIsOpen } from './fuzz/stack-target.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import { type Load, makeLoad } from './offer-load.ts';
import type { SoakOptions } from './options.ts';
import { openWork, readState } from './read-state.ts';
import { makeRestarts, type Restarts, type StackClients } from './stack.ts';
import { type PineconeAccess, startServices } from './start-services.ts';

export type SoakResult = {
  ledger: Ledger;
  offered: number;
  /** How often the whole stack was killed with -9: under load, and once after it. */
  kills: number;
  /** From the stack's last start until no work was left; null when that exceeded the limit. */
  quietAfterMs: number | null;
  faults: FaultCounts;
  fuzz: FuzzReport;
  /** Counts of the model server's odd answers during the fuzz, by kind. */
  odd: Record<string, number>;
  audit: Audit;
};

const QUIET_LIMIT_MS = 240_000;
const SETTLE_LIMIT_MS = 20_000;
const PROGRESS_MS = 5_000;

/**
 * Soaks a local stack in `folder`: offers runs and files while a tenth of the requests to its model and vector servers
 * and some of its calls to the AWS parts fail, and kills it repeatedly. Then lets it come to rest without faults,
 * fuzzes it, and audits the stored state.
 */
export const soak = async (
  { minutes, pauseMs, killEverySeconds, seed, awsFaultRate, oddAnswerRate, requests, files }: SoakOptions,
  folder: string,
  print: (line: string) => void,
): Promise<SoakResult> => {
  // Work interrupted by a fault of the AWS parts becomes due only after ten minutes. A restart reconciles it at once.
  const killsAtEnd = killEverySeconds > 0 || awsFaultRate > 0;
  const ledger = emptyLedger();
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const services = await startServices(folder, { seed, oddAnswerRate });
  const stack = makeRestarts(dataDir, services, { seed, awsFaultRate });
  const load = makeLoad({ ledger, pauseMs, random: seededRandom(seed, 3), stack: stack.clients });
  const setFaults = (active: boolean) => {
    services.setFaults(active);
    stack.setFaults(active);
  };
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`;
  const say = (text: string) => print(`${elapsed()}  ${text}`);
  let lastLine = '';
  const progress = setInterval(() => {
    const now = progressOf(load, ledger);
    if (now !== lastLine) say(now);
    lastLine = now;
  }, PROGRESS_MS);
  try {
    await stack.start();
    setFaults(true);
    say('the stack is up; load and faults begin');
    const kills = await underLoad({ minutes, killEverySeconds, killsAtEnd }, { load, stack, setFaults, say });
    setFaults(false);
    const quietAfterMs = await comeToRest({ load, stack, ledger, say, restart: killsAtEnd });
    const clients = stack.clients();
    if (!clients) throw new Error('the stack is not running');
    const faults: FaultCounts = {
      ...{ openai: services.proxies.openai.counts(), pinecone: services.proxies.pinecone.counts() },
      ...stack.faults(),
    };
    say(`at rest; now ${requests} fuzzed requests and ${files} files`);
    const log = join(dataDir, 'stack.log');
    const fuzz = await fuzzStack({ seed, requests, files }, { clients, services, ledger, log, say });
    return {
      ...{ ledger, kills, quietAfterMs, offered: load.offered(), faults, fuzz },
      odd: countsOf([...services.oddAnswers.values()].map(({ kind }) => kind)),
      audit: await settledAudit(ledger, clients, services.pinecone),
    };
  } finally {
    clearInterval(progress);
    await stack.kill();
    await services.close();
  }
};

/**
 * Audits until nothing is broken or 20 s have passed: embed removes the vectors of a deleted run with a short delay.
 */
const settledAudit = async (
  ledger: Ledger,
  clients: StackClients,
  pinecone: PineconeAccess,
): Promise<Audit> => {
  // The fuzz has deleted files, whose runs and outputs would go while the audit reads.
  await untilNothingIsOpen(clients);
  for (const end = performance.now() + SETTLE_LIMIT_MS; ; await delay(1_000)) {
    const found = await audit(ledger, await readState(clients, pinecone));
    if (Object.values(found.broken).every((count) => count === 0) || performance.now() > end) return found;
  }
};

type Parts = {
  load: Load;
  stack: Restarts;
  setFaults: (active: boolean) => void;
  say: (text: string) => void;
};

/** Resolves to the number of kills, once the time is over and every offer is answered or lost. */
const underLoad = async (
  given: Pick<SoakOptions, 'minutes' | 'killEverySeconds'> & { killsAtEnd: boolean },
  { load, stack, setFaults, say }: Parts,
): Promise<number> => {
  const { minutes, killEverySeconds, killsAtEnd } = given;
  const end = performance.now() + minutes * 60_000;
  const over = new AbortController();
  const offering = load.run(over.signal);
  let kills = 0;
  try {
    for (;;) {
      const left = end - performance.now();
      const pause = killEverySeconds > 0 ? killEverySeconds * 1_000 : left;
      await delay(Math.max(0, Math.min(left, pause)));
      if (killEverySeconds === 0 || left < pause) break;
      await stack.kill();
      kills += 1;
      setFaults(false); // a starting stack checks its services once, and must find them up
      await stack.start();
      setFaults(true);
      say(`kill -9 number ${kills}; started again`);
      void load.repeatUnanswered();
    }
  } finally {
    over.abort();
  }
  if (killsAtEnd) {
    // Kills the requests still in flight too; the last start has to recover their work.
    await stack.kill();
    kills += 1;
  }
  await offering;
  return kills;
};

/** Resolves to the ms until no run or file has work left; null after the limit of four minutes. */
const comeToRest = async (given: {
  load: Load;
  stack: Restarts;
  ledger: Ledger;
  say: (text: string) => void;
  restart: boolean;
}): Promise<number | null> => {
  const { load, stack, ledger, say } = given;
  if (given.restart) await stack.start();
  say('faults have ended, the stack is up: waiting until no work is left');
  const restAt = performance.now();
  for (let last = ''; performance.now() - restAt < QUIET_LIMIT_MS; await delay(1_000)) {
    if (ledger.unanswered.size > 0) await load.repeatUnanswered();
    const clients = stack.clients();
    if (!clients) continue;
    const open = await openWork(clients, ledger);
    if (open === '') return performance.now() - restAt;
    if (open !== last) say(`waiting for ${open}`);
    last = open;
  }
  return null;
};

const countsOf = (kinds: string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));

const progressOf = (load: Load, ledger: Ledger): string => {
  const answers = [...ledger.answers].map(([status, times]) => `${status}: ${times}`).join(', ');
  return `${load.offered()} offered, ${ledger.runs.size} runs and ${ledger.files.size} files accepted, ${ledger.unanswered.size} unanswered (${answers})`;
};
