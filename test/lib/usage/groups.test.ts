import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makePart } from '../../../lib/runs/list/parts.ts';
import { makeGroups } from '../../../lib/usage/groups.ts';
import type { UsageShape } from '../../../lib/usage/ports.ts';

const shapeOf = (label: string, requests: number, costUsd: number): UsageShape => ({
  metadata: {},
  requests,
  failedRequests: 0,
  parts: [{ ...makePart({ model: 'm', label }), completed: requests, costUsd }],
});
const whence = { day: '2026-11-22', caller: 'docs' };

describe('beyond the number of groups that are shown', () => {
  test('those of the highest cost stay, then those of most requests, and the rest is one sum', () => {
    const sums = makeGroups([{ by: 'label' }], { max: 3 });
    const shapes = [shapeOf('a', 9, 0), shapeOf('b', 1, 0.5), shapeOf('c', 3, 0.1), shapeOf('d', 2, 0)];
    sums.addAll([...shapes, shapeOf('e', 8, 0)], whence);
    expect(sums.groups().map(({ key, keys, other, requests }) => [key, keys, other, requests])).toEqual([
      ['a', { label: 'a' }, undefined, 9],
      ['b', { label: 'b' }, undefined, 1],
      ['c', { label: 'c' }, undefined, 3],
      [null, { label: null }, true, 10],
    ]);
  });

  test('the rows add up to the total, however many are shown or held', () => {
    const usage = fc.record({
      label: fc.nat(30),
      requests: fc.integer({ min: 1, max: 9 }),
      nano: fc.nat(1e6),
    });
    fc.assert(
      fc.property(fc.array(usage), fc.nat(12), fc.nat(12), (all, max, held) => {
        const sums = makeGroups([{ by: 'label' }, { by: 'day' }], { max, maxHeld: max + held });
        sums.addAll(
          all.map(({ label, requests, nano }) => shapeOf(`${label}`, requests, nano / 1e9)),
          whence,
        );
        const groups = sums.groups();
        const total = sums.total();
        const sum = (field: 'requests' | 'generations') => groups.reduce((so, group) => so + group[field], 0);
        expect([sum('requests'), sum('generations')]).toEqual([total.requests, total.generations]);
        const cost = groups.reduce((so, group) => so + Math.round((group.cost_usd ?? 0) * 1e9), 0);
        expect(cost).toBe(Math.round((total.cost_usd ?? 0) * 1e9));
        expect(groups.filter(({ other }) => !other).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});
