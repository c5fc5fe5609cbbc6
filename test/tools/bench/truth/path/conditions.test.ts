import { expect, test } from 'vitest';
import { seededRandom } from '../../../../../local/model/random.ts';
import {
  chosenConditions,
  cpuName,
  nameOf,
  turnsOf,
} from '../../../../../tools/bench/truth/path/conditions.ts';

test('words choose conditions that have one of them on each side that is named', () => {
  const chosen = chosenConditions(['cold', 'warm', 'runs', 'streamed', 'alone', 'idle'], [null, 512]);
  expect(chosen.map((one) => `${one.start} ${nameOf(one)}, ${cpuName(one.memoryMb)}`)).toEqual([
    'warm /runs streamed, no limit of CPU',
    'cold /runs streamed, no limit of CPU',
    'warm /runs streamed, CPU of 512 MB',
    'cold /runs streamed, CPU of 512 MB',
  ]);
});

test('without words every condition is chosen, each under a name of its own', () => {
  const all = chosenConditions([], [null]);
  expect(new Set(all.map((one) => `${one.start} ${nameOf(one)}`)).size).toBe(all.length);
  for (const word of ['cold', 'chat', 'background', 'two-requests', 'two-outputs', 'busy'])
    expect(all.some((one) => Object.values(one).some((side) => side === word))).toBe(true);
});

test('each round has every condition once and the bare client under each load, in an order of its own', () => {
  const conditions = chosenConditions([], [null, 512]);
  const turns = turnsOf(conditions, 2, seededRandom(1));
  const rounds = [1, 2].map((number) =>
    turns.filter(({ round }) => round === number).map(({ condition }) => JSON.stringify(condition)),
  );
  const expected = [...conditions, { bare: 'idle' }, { bare: 'busy' }].map((one) => JSON.stringify(one));
  for (const round of rounds) expect(round.toSorted()).toEqual(expected.toSorted());
  expect(rounds[0]).not.toEqual(rounds[1]);
  expect(turnsOf(conditions, 2, seededRandom(1))).toEqual(turns);
});
