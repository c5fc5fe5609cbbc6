import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  grownShards,
  makeShards,
  mostShards,
  SHARDS_KNOWN_MS,
  SHARDS_NOTICE_MS,
  type ShardChange,
  shardOf,
  shardsAt,
} from '../../../lib/runs/shards.ts';

const T0 = Date.UTC(2026, 10, 29, 12);
const isoOf = (ms: number) => new Date(ms).toISOString();

describe('counts of shards', () => {
  test('are the built-in ones at first, and new ones ten minutes after they are written', () => {
    const history = grownShards([], { due: 16 }, T0);
    expect(history).toEqual([{ from: isoOf(T0 + SHARDS_NOTICE_MS), due: 16, list: 4 }]);
    expect(shardsAt(history, isoOf(T0 + SHARDS_NOTICE_MS - 1))).toEqual({ due: 8, list: 4 });
    expect(shardsAt(history, isoOf(T0 + SHARDS_NOTICE_MS))).toMatchObject({ due: 16, list: 4 });
    expect(mostShards(history)).toMatchObject({ due: 16, list: 4 });
  });

  test('are valid in the order in which they were written, also by an operator whose clock is behind', () => {
    const first = grownShards([], { due: 16 }, T0);
    const second = grownShards(first, { list: 8 }, T0 - 60_000);
    expect(second.at(-1)).toEqual({ from: first[0]?.from, due: 16, list: 8 });
    expect(shardsAt(second, isoOf(T0 + SHARDS_NOTICE_MS))).toMatchObject({ due: 16, list: 8 });
  });

  test.each([
    [{ due: 15 }, 'due: must not shrink: it is 16, and items stay where they were written'],
    [{ due: 32, list: 3 }, 'list: must not shrink: it is 4, and items stay where they were written'],
    [{ list: 1_001 }, 'list: must be at most 1000'],
    [{ due: 16 }, 'there are 16 of due and 4 of a list already'],
  ])('%j are refused by name', (wanted, message) => {
    expect(() => grownShards(grownShards([], { due: 16 }, T0), wanted, T0)).toThrow(message);
  });

  test('spread keys evenly, whatever the count', () => {
    for (const count of [3, 8, 80, 1_000]) {
      const found = Array.from({ length: 100 * count }, (_, at) => shardOf(`RUN#${at}`, count));
      const sizes = [...Map.groupBy(found, (shard) => shard).values()].map(({ length }) => length);
      expect(sizes).toHaveLength(count);
      expect(Math.max(...sizes)).toBeLessThan(160);
    }
  });
});

/** A process with a clock of its own, which reads the counts of a table. */
const makeProcess = (time: () => number, skew: number, history: () => ShardChange[]) => {
  const clock = { now: () => time() + skew, monotonic: time };
  let reads = 0;
  const read = async () => {
    reads += 1;
    return history();
  };
  return { clock, shards: makeShards(read, clock), reads: () => reads };
};

describe('a process', () => {
  test('reads the counts once for many calls at once, and again after five minutes', async () => {
    let now = T0;
    const { shards, reads } = makeProcess(
      () => now,
      0,
      () => [],
    );
    await Promise.all(Array.from({ length: 50 }, () => shards.known()));
    now += SHARDS_KNOWN_MS - 1;
    await shards.known();
    expect(reads()).toBe(1);
    now += 1;
    await shards.known();
    expect(reads()).toBe(2);
  });

  test('reads them again when a read has failed', async () => {
    let fails = true;
    const read = async () => {
      if (fails) throw new Error('down');
      return grownShards([], { due: 9 }, T0 - SHARDS_NOTICE_MS);
    };
    const shards = makeShards(read, { now: () => T0, monotonic: () => T0 });
    await expect(shards.known()).rejects.toThrow('down');
    expect(shards.due()).toBe(8);
    fails = false;
    await shards.known();
    expect(shards.due()).toBe(9);
  });
});

type Written = { id: string; createdAt: string };

/** A table of items in partitions, written and read by processes through their own knowledge of the counts. */
const makeTable = (processes: number, skews: number[]) => {
  let time = T0;
  let history: ShardChange[] = [];
  const lists = new Map<number, Written[]>();
  const due = new Map<number, Set<string>>();
  const all: Written[] = [];
  const workers = Array.from({ length: processes }, (_, at) =>
    makeProcess(
      () => time,
      skews[at] ?? 0,
      () => history,
    ),
  );
  const workerAt = (at: number) => workers[at % processes] as (typeof workers)[number];
  return {
    all,
    pass: (ms: number) => {
      time += ms;
    },
    grow: (more: Partial<{ due: number; list: number }>) => {
      const { due: d, list: l } = mostShards(history);
      const wanted = { due: d + (more.due ?? 0), list: l + (more.list ?? 0) };
      history = grownShards(history, wanted, time);
    },
    /** Writes an item as `RunList.put` and `dueAttributes` place it. */
    write: async (at: number) => {
      const { shards, clock } = workerAt(at);
      const written = { id: `run_${all.length}`, createdAt: isoOf(clock.now()) };
      const shard = shardOf(written.id, shardsAt(await shards.known(), written.createdAt).list);
      lists.set(shard, [...(lists.get(shard) ?? []), written]);
      const dueShard = shardOf(written.id, shards.due());
      due.set(dueShard, (due.get(dueShard) ?? new Set()).add(written.id));
      all.push(written);
    },
    /** The partitions that hold a run's entry where `RunList.get` looks for it. */
    holds: async (at: number, { id, createdAt }: Written): Promise<boolean> => {
      const shard = shardOf(id, shardsAt(await workerAt(at).shards.known(), createdAt).list);
      return lists.get(shard)?.some((written) => written.id === id) ?? false;
    },
    /** Reads as `RunList.newest` does. */
    newest: async (at: number, until: string): Promise<string[]> => {
      const count = shardsAt(await workerAt(at).shards.known(), until).list;
      return Array.from({ length: count }, (_, shard) => lists.get(shard) ?? [])
        .flat()
        .filter(({ createdAt }) => createdAt < until)
        .map(({ id }) => id);
    },
    /** Reads as a sweep does. */
    due: async (at: number): Promise<string[]> => {
      const { due: count } = mostShards(await workerAt(at).shards.fresh());
      return Array.from({ length: count }, (_, shard) => [...(due.get(shard) ?? [])]).flat();
    },
  };
};

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), by: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(7 * 60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('grow' as const), due: fc.nat(9), list: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), by: fc.nat(3), until: fc.nat() }) },
);

test('no item is missed or read twice, however counts grow between writes and whatever processes remember', async () => {
  // Clocks of AWS differ by milliseconds; this test lets them be wrong by two minutes.
  const skew = fc.integer({ min: -120_000, max: 120_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.tuple(skew, skew, skew),
      async (steps, skews) => {
        const table = makeTable(3, skews);
        const check = async (by: number, until: string) => {
          const expected = table.all.filter(({ createdAt }) => createdAt < until).map(({ id }) => id);
          expect((await table.newest(by, until)).toSorted()).toEqual(expected.toSorted());
          expect((await table.due(by)).toSorted()).toEqual(table.all.map(({ id }) => id).toSorted());
          for (const written of table.all) expect(await table.holds(by, written)).toBe(true);
        };
        for (const each of steps) {
          if (each.kind === 'write') await table.write(each.by);
          else if (each.kind === 'pass') table.pass(each.ms);
          else if (each.kind === 'read')
            await check(each.by, table.all[each.until % (table.all.length + 1)]?.createdAt ?? '~');
          else if (each.due + each.list > 0) table.grow(each);
        }
        for (const by of [0, 1, 2]) await check(by, '~');
      },
    ),
    { numRuns: 300 },
  );
});
