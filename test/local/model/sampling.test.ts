import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../local/model/random.ts';
import {
  candidatesOf,
  drawFrom,
  penalise,
  type Sampling,
  sortedHead,
} from '../../../local/model/sampling.ts';

const plain: Sampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logitBias: new Map(),
};

const distributions = fc
  .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 60 })
  .filter((weights) => weights.some((weight) => weight > 0))
  .map((weights) => {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return Float64Array.from(weights, (weight) => weight / sum);
  });
const temperatures = fc.double({ min: 0.01, max: 2, noNaN: true });
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const shapes = { numRuns: 200 };

describe('the candidates', () => {
  test('always sum to one and contain no token twice', () => {
    fc.assert(
      fc.property(
        distributions,
        temperatures,
        fc.nat(70),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (probabilities, temperature, topK, topP) => {
          const { ids, masses } = candidatesOf(probabilities, { ...plain, temperature, topK, topP });
          expect(sum(masses)).toBeCloseTo(1, 9);
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
      shapes,
    );
  });

  test('at temperature 1 without truncation are the distribution itself', () => {
    fc.assert(
      fc.property(distributions, (probabilities) => {
        const { ids, masses } = candidatesOf(probabilities, plain);
        expect(Array.from(ids)).toEqual(Array.from(probabilities.keys()));
        for (const [id, mass] of masses.entries()) expect(mass).toBeCloseTo(probabilities[id] ?? 0, 12);
      }),
      shapes,
    );
  });

  test('of top_k are the k most likely, whatever the temperature', () => {
    fc.assert(
      fc.property(
        distributions,
        temperatures,
        fc.integer({ min: 1, max: 59 }),
        (probabilities, temperature, topK) => {
          const { ids } = candidatesOf(probabilities, { ...plain, temperature, topK });
          expect(ids.length).toBe(Math.min(topK, probabilities.length));
          const least = Math.min(...Array.from(ids, (id) => probabilities[id] ?? 0));
          for (const [id, probability] of probabilities.entries()) {
            if (!ids.includes(id)) expect(probability).toBeLessThanOrEqual(least);
          }
        },
      ),
      shapes,
    );
  });

  test('of top_p are the smallest set of the most likely that reaches p', () => {
    fc.assert(
      fc.property(distributions, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (probabilities, topP) => {
        const { ids } = candidatesOf(probabilities, { ...plain, topP });
        const kept = Array.from(ids, (id) => probabilities[id] ?? 0);
        const mass = kept.reduce((total, value) => total + value, 0);
        expect(mass).toBeGreaterThanOrEqual(topP - 1e-9);
        expect(mass - Math.min(...kept)).toBeLessThan(topP + 1e-9);
        const ranked = Array.from(probabilities).sort((a, b) => b - a);
        expect(kept).toEqual(ranked.slice(0, kept.length));
      }),
      shapes,
    );
  });

  test('have top_p applied to the ones left by top_k', () => {
    const probabilities = Float64Array.of(0.4, 0.3, 0.2, 0.1);
    // Of the first two, 0.4 is 57 %: enough for 0.5, although it is less than half of the whole.
    expect(Array.from(candidatesOf(probabilities, { ...plain, topK: 2, topP: 0.5 }).ids)).toEqual([0]);
    expect(Array.from(candidatesOf(probabilities, { ...plain, topP: 0.5 }).ids)).toEqual([0, 1]);
  });

  test('have the temperature applied before top_p', () => {
    const probabilities = Float64Array.of(0.5, 0.25, 0.25);
    // At 0.5 the masses are 4/6, 1/6, 1/6.
    expect(Array.from(candidatesOf(probabilities, { ...plain, temperature: 0.5, topP: 0.6 }).ids)).toEqual([
      0,
    ]);
    expect(Array.from(candidatesOf(probabilities, { ...plain, temperature: 1, topP: 0.6 }).ids)).toEqual([
      0, 1,
    ]);
    const squared = candidatesOf(probabilities, { ...plain, temperature: 0.5 }).masses;
    expect(squared[0]).toBeCloseTo(4 / 6, 12);
    expect(candidatesOf(Float64Array.of(0.8, 0.2), { ...plain, temperature: 2 }).masses[0]).toBeCloseTo(
      2 / 3,
      12,
    );
  });

  test('at temperature 0 and with top_k 1 are the most likely token alone, the lower id of equals', () => {
    fc.assert(
      fc.property(distributions, temperatures, (probabilities, temperature) => {
        const best = probabilities.indexOf(Math.max(...probabilities));
        expect(Array.from(candidatesOf(probabilities, { ...plain, temperature: 0 }).ids)).toEqual([best]);
        expect(Array.from(candidatesOf(probabilities, { ...plain, temperature, topK: 1 }).ids)).toEqual([
          best,
        ]);
      }),
      shapes,
    );
  });

  test('do not overflow at a temperature near zero', () => {
    const { masses } = candidatesOf(Float64Array.of(1e-9, 2e-9, 0), { ...plain, temperature: 0.001 });
    expect(Array.from(masses)).toEqual([0, 1, 0].map((mass) => expect.closeTo(mass, 9)));
  });
});

describe('penalties', () => {
  test('subtract count times frequency plus presence from the logit of used tokens', () => {
    const probabilities = Float64Array.of(0.5, 0.3, 0.2);
    penalise(probabilities, new Map([[0, 3]]), { ...plain, frequencyPenalty: 0.5, presencePenalty: 1 });
    expect(Math.log(0.5) - Math.log(probabilities[0] ?? 0)).toBeCloseTo(3 * 0.5 + 1, 12);
    expect(probabilities[1]).toBe(0.3);
  });

  test('below zero make used tokens more likely', () => {
    const probabilities = Float64Array.of(0.5, 0.5);
    penalise(probabilities, new Map([[1, 1]]), { ...plain, presencePenalty: -2 });
    expect(candidatesOf(probabilities, { ...plain, temperature: 0 }).ids[0]).toBe(1);
  });

  test('stay finite however often a token was used', () => {
    for (const frequencyPenalty of [-2, 2]) {
      const probabilities = Float64Array.of(0.5, 0.5, 0);
      penalise(probabilities, new Map([[0, 4_000]]), { ...plain, frequencyPenalty });
      const { ids, masses } = candidatesOf(probabilities, { ...plain, topP: 0.5 });
      expect([...ids]).toEqual([frequencyPenalty < 0 ? 0 : 1]);
      expect([...masses]).toEqual([1]);
    }
  });

  test('a logit bias of 100 forces a token and one of -100 bans it', () => {
    const forced = Float64Array.of(0.9, 0.1);
    penalise(forced, new Map(), { ...plain, logitBias: new Map([[1, 100]]) });
    expect(candidatesOf(forced, plain).masses[1]).toBeCloseTo(1, 12);
    const banned = Float64Array.of(0.9, 0.1);
    penalise(banned, new Map(), { ...plain, logitBias: new Map([[0, -100]]) });
    expect(candidatesOf(banned, plain).masses[0]).toBeCloseTo(0, 12);
  });
});

test('drawing follows the masses and never returns a token of mass zero', () => {
  const random = seededRandom(7);
  const counts = [0, 0, 0];
  const candidates = { ids: Int32Array.of(0, 1, 2), masses: Float64Array.of(0.25, 0, 0.75) };
  for (let draw = 0; draw < 4000; draw++) {
    const id = drawFrom(candidates, random);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  expect(counts[1]).toBe(0);
  expect((counts[0] ?? 0) / 4000).toBeCloseTo(0.25, 1);
  expect(drawFrom({ ids: Int32Array.of(0, 1), masses: Float64Array.of(1, 0) }, () => 1 - 2 ** -32)).toBe(0);
});

test('the sorted head holds the most likely tokens in order, however long the tail', () => {
  fc.assert(
    fc.property(distributions, fc.integer({ min: 1, max: 60 }), (probabilities, count) => {
      const head = sortedHead(probabilities, (ids) => ids.length >= count).slice(0, count);
      const expected = Array.from(probabilities.keys()).sort(
        (a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b,
      );
      expect(head).toEqual(expected.slice(0, count));
    }),
    shapes,
  );
});
