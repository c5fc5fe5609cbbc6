import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors.ts';
import {
  compareSortable,
  type ListSort,
  MAX_SORTED,
  SORTS,
  type Sortable,
  sortedPage,
  sortOf,
  tooManyToSort,
} from '../../../../lib/runs/list/sorted.ts';

const T0 = Date.UTC(2026, 10, 22, 13);

const sortable = (at: number, value: number | null): Sortable<string> => {
  const id = `run_${String(at).padStart(26, '0')}`;
  // Every third run was created in the same millisecond as the one before.
  const position = `${new Date(T0 + at - (at % 3 === 2 ? 1 : 0)).toISOString()}#${id}`;
  return { run: id, value, position };
};
const figure = fc.option(
  fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(2e-7, 1e21, 0.1 + 0.2),
  ),
  { nil: null },
);
const runs = fc
  .array(figure, { maxLength: 40 })
  .map((values) => values.map((value, at) => sortable(at, value)));
const sort: fc.Arbitrary<ListSort> = fc.record({
  by: fc.constantFrom('ttft_ms', 'cost_usd', 'created_at'),
  descending: fc.boolean(),
});
const limit = fc.integer({ min: 1, max: 9 });

/** The pages of a list, which `change` may change after each. */
const walk = (
  order: ListSort,
  size: number,
  first: readonly Sortable<string>[],
  change: (list: readonly Sortable<string>[], page: number) => readonly Sortable<string>[] = (list) => list,
): string[] => {
  const seen: string[] = [];
  let list = first;
  let cursor: string | null = null;
  for (let page = 0; page === 0 || cursor !== null; page += 1) {
    const read: ReturnType<typeof sortedPage<string>> = sortedPage(list, order, {
      limit: size,
      ...(cursor !== null && { cursor }),
    });
    expect(read.runs.length).toBeLessThanOrEqual(size);
    seen.push(...read.runs);
    cursor = read.nextCursor;
    list = change(list, page);
    if (page > 200) throw new Error('the pages do not end');
  }
  return seen;
};

describe('pages of a sorted list', () => {
  test('put together are the whole list in its order, each run once', () => {
    fc.assert(
      fc.property(runs, sort, limit, (list, order, size) => {
        const whole = list.toSorted(compareSortable(order)).map(({ run }) => run);
        expect(walk(order, size, list)).toEqual(whole);
      }),
    );
  });

  test('show every run that stays exactly once while others come and go', () => {
    const steps = fc.array(fc.record({ gone: fc.nat(40), value: figure }), { maxLength: 20 });
    fc.assert(
      fc.property(runs, sort, limit, steps, (list, order, size, changes) => {
        const gone = new Set<string>();
        const seen = walk(order, size, list, (now, page) => {
          const change = changes[page];
          if (!change) return now;
          gone.add(now[change.gone]?.run ?? '');
          return [...now.filter((_, at) => at !== change.gone), sortable(100 + page, change.value)];
        });
        expect(new Set(seen).size).toBe(seen.length);
        const missed = list.filter(({ run }) => !seen.includes(run) && !gone.has(run));
        expect(missed).toEqual([]);
      }),
    );
  });

  test('have unknown figures last in both directions, and the newest first among equals', () => {
    const list = [null, 2, 1, 2, null].map((value, at) => sortable(at * 3, value));
    const at = (order: ListSort) => walk(order, 10, list).map((id) => Number(id.slice(4)) / 3);
    expect(at({ by: 'e2e_ms', descending: false })).toEqual([2, 3, 1, 4, 0]);
    expect(at({ by: 'e2e_ms', descending: true })).toEqual([3, 1, 2, 4, 0]);
  });

  test('refuse a cursor of another order, and one that no list returned', () => {
    const list = [1, 2, 3].map((value, at) => sortable(at, value));
    const order: ListSort = { by: 'tokens', descending: true };
    const { nextCursor } = sortedPage(list, order, { limit: 1 });
    const cursors = [nextCursor ?? '', 'nonsense', '', Buffer.from('tokens#x#y').toString('base64url')];
    for (const cursor of cursors) {
      const read = () => sortedPage(list, { by: 'tokens', descending: false }, { limit: 1, cursor });
      expect(read).toThrow(InvalidInputError);
      expect(read).toThrow('sorted by tokens');
    }
  });
});

describe('sortOf', () => {
  test('reads every order, and takes newest first as none', () => {
    expect(SORTS.map(sortOf).filter((order) => order === undefined)).toHaveLength(1);
    expect(sortOf('-created_at')).toBeUndefined();
    expect(sortOf('-ttft_ms')).toEqual({ by: 'ttft_ms', descending: true });
  });
});

describe('tooManyToSort', () => {
  const instant = (age: number) => new Date(T0 - age).toISOString();

  test('names the instant from which the newest runs can be sorted', () => {
    const read = Array.from({ length: MAX_SORTED + 1 }, (_, at) => instant(at));
    expect(tooManyToSort(read).issues).toEqual([
      {
        path: 'sort',
        message: `reads at most 10000 runs, and this time range has more; narrow it with since and until; since=${instant(9_999)} leaves its newest 10000`,
      },
    ]);
  });

  test('leaves out runs of an instant that others share beyond the limit', () => {
    const read = Array.from({ length: MAX_SORTED + 1 }, (_, at) => instant(at < 9_990 ? at : 9_990));
    expect(tooManyToSort(read).message).toContain(`since=${instant(9_989)} leaves its newest 9990`);
    const same = Array.from({ length: MAX_SORTED + 1 }, () => instant(0));
    expect(tooManyToSort(same).message).toContain('narrow it with since and until');
  });
});
