import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../local/model/random.ts';
import { type Audit, audit } from './audit.ts';
import type { FaultCounts } from './fault-proxy.ts';
import { type FuzzReport, fuzzStack } from './fuzz/fuzz-stack.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import { type Load, makeLoad } from './offer-load.ts';
import type { SoakOptions } from './options.ts';
import { openWork, readState } from './read-state.ts';
import { makeRestarts, type Restarts, type StackClients } from './stack.ts';
import { startServices } from './start-services.ts';

export type SoakResult = {
  ledger: Ledger;
  offered: number;
  /** kill -9 of the whole stack while it was under load; and the one after it, so that all is reconciled. */
  kills: number;
  /** From the stack's last start until nothing was left to do, or null when the limit passed first. */
  quietAfterMs: number | null;
  faults: FaultCounts;
  fuzz: FuzzReport;
  audit: Audit;
};

const QUIET_LIMIT_MS = 240_000;
const SETTLE_LIMIT_MS = 20_000;
const PROGRESS_MS = 5_000;

/**
 * Offers a stream of runs and files to a local stack in `folder` whose model and vector servers fail a tenth of the
 * time, and its calls to the AWS parts now and then; kills it again and again, lets it come to rest without faults,
 * fuzzes it, and counts what is stored.
 */
export const soak = async (
  { minutes, pauseMs, killEverySeconds, seed, awsFaultRate, requests, files }: SoakOptions,
  folder: string,
  print: (line: string) => void,
): Promise<SoakResult> => {
  // What a fault of the AWS parts left behind would be due in ten minutes: a start reconciles it at once.
  const killsAtEnd = killEverySeconds > 0 || awsFaultRate > 0;
  const ledger = emptyLedger();
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const services = await startServices(folder, seed);
  const stack = makeRestarts(dataDir, services, { seed, awsFaultRate });
  const load = makeLoad({ ledger, pauseMs, random: seededRandom(seed, 3), stack: stack.clients });
  const setFaults = (active: boolean) => {
    services.setFaults(active);
    stack.setFaults(active);
  };
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`;
  const say = (text: string) => print(`${elapsed()}  ${text}`);
  let said = '';
  const progress = setInterval(() => {
    const now = progressOf(load, ledger);
    if (now !== said) say(now);
    said = now;
  }, PROGRESS_MS);
  try {
    await stack.start();
    setFaults(true);
    say('the stack is up; load and faults begin');
    const kills = await underLoad({ minutes, killEverySeconds, killsAtEnd }, { load, stack, setFaults, say });
    setFaults(false);
    const quietAfterMs = await comeToRest({ load, stack, ledger, say, restart: killsAtEnd });
    const clients = stack.clients();
    if (!clients) throw new Error('the stack is not there');
    const faults: FaultCounts = {
      ...{ openai: services.proxies.openai.counts(), pinecone: services.proxies.pinecone.counts() },
      ...stack.faults(),
    };
    say(`at rest; now ${requests} fuzzed requests and ${files} files`);
    const log = join(dataDir, 'stack.log');
    const fuzz = await fuzzStack(
      { seed, requests, files },
      { ...{ clients, ledger, log, say }, pinecone: services.pinecone },
    );
    return {
      ...{ ledger, kills, quietAfterMs, offered: load.offered(), faults, fuzz },
      audit: await settledAudit(ledger, clients, services.pinecone),
    };
  } finally {
    clearInterval(progress);
    await stack.kill();
    await services.close();
  }
};

/** An embed that was overtaken by a deletion takes its vectors back a moment later: what is broken is looked at again. */
const settledAudit = async (ledger: Ledger, clients: StackClients, pinecone: string): Promise<Audit> => {
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

/** Resolves to the number of kills once the time is over and every client has its answer, or has lost it. */
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
      setFaults(false); // a start checks its services once: that they fail then is another test's
      await stack.start();
      setFaults(true);
      say(`kill -9 number ${kills}; started again`);
      void load.repeatUnanswered();
    }
  } finally {
    over.abort();
  }
  if (killsAtEnd) {
    // What is in flight now dies too, and the last start has to bring all of it back.
    await stack.kill();
    kills += 1;
  }
  await offering;
  return kills;
};

/** The time from here until no run or file has anything left to do; null when that takes too long. */
const comeToRest = async (given: {
  load: Load;
  stack: Restarts;
  ledger: Ledger;
  say: (text: string) => void;
  restart: boolean;
}): Promise<number | null> => {
  const { load, stack, ledger, say } = given;
  if (given.restart) await stack.start();
  say('faults have ended, the stack is up: waiting until nothing is left to do');
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

const progressOf = (load: Load, ledger: Ledger): string => {
  const answers = [...ledger.answers].map(([status, times]) => `${status}: ${times}`).join(', ');
  return `${load.offered()} offered, ${ledger.runs.size} runs and ${ledger.files.size} files accepted, ${ledger.unanswered.size} unanswered (${answers})`;
};
