import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInstant, readQueryParameters } from '../../../lib/runs/query-parameters.ts';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');

describe('parseInstant', () => {
  test.each([
    ['30m', '2026-11-30T11:30:00.000Z'],
    ['24h', '2026-11-29T12:00:00.000Z'],
    ['7d', '2026-11-23T12:00:00.000Z'],
    ['4w', '2026-11-02T12:00:00.000Z'],
    ['0d', '2026-11-30T12:00:00.000Z'],
  ])('reads %s as a time before now', (text, expected) => {
    expect(new Date(parseInstant(text, 'since', NOW) ?? 0).toISOString()).toBe(expected);
    expect(new Date(parseInstant(text, 'until', NOW) ?? 0).toISOString()).toBe(expected);
  });

  test.each(['7', 'd', '7 d', '-7d', '1.5h', '7y', '7days', '123456d', '+7d'])('refuses %s', (text) =>
    expect(parseInstant(text, 'since', NOW)).toBeUndefined(),
  );

  test('goes no further back than the year 0, however long before now', () => {
    fc.assert(
      fc.property(fc.nat(99_999), fc.constantFrom('m', 'h', 'd', 'w'), (count, unit) => {
        const at = parseInstant(`${count}${unit}`, 'since', NOW);
        expect(at === undefined || new Date(at).toISOString().length === 24).toBe(true);
      }),
    );
  });
});

test('a period of relative times counts both from the same now', () => {
  const read = readQueryParameters([...new URLSearchParams('since=7d&until=1d')], { now: NOW });
  expect(read.period()).toEqual({ since: '2026-11-23T12:00:00.000Z', until: '2026-11-29T12:00:00.000Z' });
  read.finish();
});
