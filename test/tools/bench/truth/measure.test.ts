import { expect, test } from 'vitest';
import { seededRandom } from '../../../../local/model/random.ts';
import { turnsOf } from '../../../../tools/bench/truth/measure.ts';
import { CLIENTS } from '../../../../tools/bench/truth/reported.ts';

const plan = { scenarios: ['steady' as const, 'noise' as const], streams: [1, 8], rounds: 3 };

test('each round has every client in every scenario and number of streams once, with the clients in succession', () => {
  const turns = turnsOf(plan, seededRandom(1));
  expect(turns).toHaveLength(3 * 2 * 2 * CLIENTS.length);
  expect(new Set(turns.map((turn) => JSON.stringify(turn))).size).toBe(turns.length);
  expect(turns.map(({ round }) => round)).toEqual(
    [1, 2, 3].flatMap((round) => Array(4 * CLIENTS.length).fill(round)),
  );
  for (let at = 0; at < turns.length; at += CLIENTS.length) {
    const places = turns
      .slice(at, at + CLIENTS.length)
      .map(({ scenario, streams }) => `${scenario} ${streams}`);
    expect(new Set(places).size).toBe(1);
  }
});

test('the order of turns is random, and the same for the same seed', () => {
  expect(turnsOf(plan, seededRandom(1))).toEqual(turnsOf(plan, seededRandom(1)));
  expect(turnsOf(plan, seededRandom(1))).not.toEqual(turnsOf(plan, seededRandom(2)));
});
