import { seededRandom } from '../../../local/model/random.ts';
import type { RecordedWrite } from '../writes/recorded.ts';
import { callerOf, type KeyTemplate, keysOf, type Traffic, templatesOf } from './demand.ts';
import { ATTEMPTS, RETRY_BASE_MS } from './documented.ts';
import { type Range, rangeOf } from './layout.ts';
import { hasUnits, newPartition, type Partition, takeUnits } from './partition.ts';

export type Scenario = {
  writes: readonly RecordedWrite[];
  /** The number of shards of partition templates. */
  shards: Readonly<Record<string, number>>;
  traffic: Traffic;
  /** The partitions of each space. */
  layouts: ReadonlyMap<string, readonly Range[]>;
  /** The seconds that are counted, after `leadS` that are not. */
  seconds: number;
  leadS: number;
  /** The seconds whose unused units each partition has at the start. */
  storedS?: number;
  seed: number;
};

export type Outcome = {
  /** Writes that began in the counted seconds; throttled at their first attempt; and refused at their last. */
  writes: number;
  throttled: number;
  failed: number;
  /** The 99th percentile of the time that retries add to a write that succeeds, in ms. */
  p99WaitMs: number;
  /** Throttled first attempts by the first partition without room, as `space partition` of its key. */
  throttledBy: Record<string, number>;
  /** Units a second that first attempts ask of the partition that most is asked of. */
  hottest: { name: string; unitsPerSecond: number };
};

type Place = Partition & { asked: number; askedBy: Map<string, number> };
type Take = {
  template: KeyTemplate;
  units: number;
  places: Place[];
  ranges: readonly Range[];
  keyed: Place[];
};
type Run = { caller: number; hash: number; draw: number };
type Attempt = { takes: readonly Take[]; run: Run; startedAtMs: number; tries: number };

/**
 * Replays the writes of runs that arrive at random times (Poisson) against partitions. A write takes its units from all
 * its partitions or, while one has no room, from none: a throttled index throttles the table's write. It is then tried
 * again as the SDK does. Each write is offered even when an earlier one of its run failed, so that the shares are upper
 * bounds. Same seed, same outcome.
 */
export const replay = (scenario: Scenario): Outcome => {
  const { traffic, seconds, leadS } = scenario;
  const random = seededRandom(scenario.seed);
  const { writes, places } = placed(scenario);
  const [from, to] = [leadS * 1_000, (leadS + seconds) * 1_000];
  const latest = Math.max(...scenario.writes.map(({ atMs }) => atMs), longestWait(ATTEMPTS - 1));
  const ring: Attempt[][] = Array.from({ length: latest + 2 }, () => []);
  const schedule = (attempt: Attempt, atMs: number) => ring[atMs % ring.length]?.push(attempt);
  const outcome = { writes: 0, throttled: 0, failed: 0 };
  const throttledBy: Record<string, number> = {};
  const waits: number[] = [];

  const begin = (nowMs: number): void => {
    const run = { caller: callerOf(random(), traffic), hash: random(), draw: Math.floor(random() * 2 ** 31) };
    for (const { atMs, perRun, takes } of writes) {
      if (perRun < 1 && random() >= perRun) continue;
      schedule({ takes, run, startedAtMs: nowMs + atMs, tries: 0 }, nowMs + atMs);
    }
  };

  const attempt = (tried: Attempt, nowMs: number): void => {
    const { takes, run } = tried;
    const counted = tried.startedAtMs >= from && tried.startedAtMs < to;
    const first = tried.tries === 0;
    if (counted && first) outcome.writes += 1;
    let full: Take | undefined;
    for (const take of takes) {
      const place = placeOf(take, run);
      if (counted && first) ask(place, take);
      if (!full && !hasUnits(place, take.units, nowMs)) full = take;
    }
    if (!full) {
      for (const take of takes) takeUnits(placeOf(take, run), take.units);
      if (counted) waits.push(nowMs - tried.startedAtMs);
      return;
    }
    if (counted && first) {
      outcome.throttled += 1;
      throttledBy[full.template.name] = (throttledBy[full.template.name] ?? 0) + 1;
    }
    tried.tries += 1;
    if (tried.tries < ATTEMPTS) schedule(tried, nowMs + 1 + Math.floor(random() * longestWait(tried.tries)));
    else if (counted) outcome.failed += 1;
  };

  let nextRunMs = 0;
  const lastMs = to + latest + longestWait(ATTEMPTS);
  for (let nowMs = 0; nowMs < lastMs; nowMs += 1) {
    while (nextRunMs < nowMs + 1) {
      begin(nowMs);
      nextRunMs += (-Math.log(1 - random()) * 1_000) / traffic.runsPerSecond;
    }
    for (const each of ring[nowMs % ring.length]?.splice(0) ?? []) attempt(each, nowMs);
  }
  waits.sort((a, b) => a - b);
  return {
    ...outcome,
    p99WaitMs: waits[Math.ceil(waits.length * 0.99) - 1] ?? 0,
    throttledBy,
    hottest: hottestOf(places, seconds),
  };
};

/** The upper bound of the wait before the attempt after so many. */
const longestWait = (tries: number): number => RETRY_BASE_MS * 2 ** (tries - 1);

/** Puts each key of each write into its partition. */
const placed = ({ writes, shards, traffic, layouts, storedS }: Scenario) => {
  const templates = templatesOf(writes, shards);
  const bySpace = new Map(
    [...layouts].map(([space, ranges]) => [
      space,
      ranges.map((): Place => ({ ...newPartition(storedS), asked: 0, askedBy: new Map() })),
    ]),
  );
  const takeOf = (name: string, units: number): Take => {
    const template = templates.get(name);
    const places = template && bySpace.get(template.space);
    const ranges = template && layouts.get(template.space);
    if (!places || !ranges) throw new Error(`there are no partitions for '${name}'`);
    const keyed = keysOf(template, traffic).map(({ hash }) => places[rangeOf(ranges, hash)] as Place);
    return { template, units, places, ranges, keyed };
  };
  const made = new Map<string, Take>();
  return {
    places: [...bySpace.values()].flat(),
    writes: writes.map(({ atMs, perRun, takes }) => {
      const sums = new Map<string, number>();
      for (const { space, partition, units } of takes) {
        const name = `${space} ${partition}`;
        sums.set(name, (sums.get(name) ?? 0) + units);
      }
      const merged = [...sums].map(([name, units]) => {
        const take = made.get(`${name} ${units}`) ?? takeOf(name, units);
        made.set(`${name} ${units}`, take);
        return take;
      });
      return { atMs, perRun, takes: merged };
    }),
  };
};

const placeOf = ({ template, places, ranges, keyed }: Take, { caller, hash, draw }: Run): Place => {
  const { ofRun, ofCaller, shards } = template;
  const place = ofRun
    ? places[rangeOf(ranges, hash)]
    : keyed[(ofCaller ? caller * shards : 0) + (draw % shards)];
  return place as Place;
};

const ask = (place: Place, { template, units }: Take): void => {
  place.asked += units;
  place.askedBy.set(template.name, (place.askedBy.get(template.name) ?? 0) + units);
};

const hottestOf = (places: readonly Place[], seconds: number): Outcome['hottest'] => {
  const [most] = places.toSorted((a, b) => b.asked - a.asked);
  const [by] = [...(most?.askedBy ?? [])].toSorted(([, a], [, b]) => b - a);
  return { name: by?.[0] ?? '', unitsPerSecond: Math.round((most?.asked ?? 0) / seconds) };
};
