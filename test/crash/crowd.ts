import { setImmediate } from 'node:timers/promises';
import type { Random } from '../../local/model/random.ts';
import type { World } from '../memory/world.ts';
import { type Fault, makeFaults } from './faults.ts';
import { type Machine, makeMachine } from './machine.ts';

/** An action that begins at a random step, on workers of the machine. */
export type Happening = (machine: Machine) => Promise<unknown>;

const MOST_AT_ONCE = 8;
const PAUSES_MS = [1, 1_000, 20_000, 61_000, 601_000];
/** No call takes longer, since each client has a timeout. Long enough for a lease to run out under its worker. */
const LONGEST_CALL_MS = 121_000;

/**
 * Runs workers concurrently. At each step `random` chooses the next effect of a worker, or that an action begins, a
 * message is delivered, the sweep runs, or time passes (so that leases run out under living workers). Once every action
 * has begun and ended, the rest runs in any order until the queues are empty. Resolves to the number of steps.
 */
export const runAtOnce = async (
  world: World,
  happenings: Happening[],
  { plan, random }: { plan: ReadonlyMap<number, Fault>; random: Random },
): Promise<number> => {
  const waiting: { since: number; go: () => void }[] = [];
  let isOrdered = true;
  const turn = (): Promise<void> =>
    isOrdered ? new Promise((go) => waiting.push({ since: world.clock.now(), go })) : Promise.resolve();
  const machine = makeMachine(world, makeFaults(plan, turn));
  const underWay = new Set<Promise<unknown>>();
  const begin = (work: Promise<unknown>) => {
    const ending = work.catch(() => {}).finally(() => underWay.delete(ending));
    underWay.add(ending);
  };
  const anyOf = <T>(all: T[]): T | undefined => all[Math.floor(random() * all.length)];
  const letThrough = (at: number) => waiting.splice(at, 1)[0]?.go();
  const pause = async (ms: number) => {
    const [oldest] = waiting;
    if (oldest && world.clock.now() + ms > oldest.since + LONGEST_CALL_MS) letThrough(0);
    else await world.clock.advance(ms);
  };

  const left = [...happenings];
  let steps = 0;
  for (; left.length > 0 || underWay.size > 0; steps += 1) {
    const chance = random();
    if (chance < 0.04) await pause(anyOf(PAUSES_MS) ?? 0);
    else if (chance < 0.06) begin(machine.sweepOnce(random() < 0.5 ? 'all' : undefined));
    else if (underWay.size < MOST_AT_ONCE && chance < 0.15) {
      const next = left.shift();
      if (next) begin(next(machine));
    } else if (underWay.size < MOST_AT_ONCE && chance < 0.3) begin(machine.serveOne());
    else letThrough(Math.floor(random() * waiting.length));
    // Lets everything run that waits for no turn.
    for (let rest = 0; rest < 3; rest += 1) await setImmediate();
    if (waiting.length === 0) await world.clock.advance(1_000);
  }
  isOrdered = false;
  for (const { go } of waiting) go();
  await machine.untilQuiet();
  return steps;
};
