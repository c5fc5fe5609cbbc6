import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trainNgram } from '../../../local/model/ngram.ts';
import { makePredict } from '../../../local/model/predict.ts';
import { encodeText } from '../../../local/model/tokens.ts';
import { smallTopics } from './prose-fixture.ts';

const model = trainNgram(smallTopics);
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const idOf = (text: string): number => {
  const [token] = encodeText(text);
  const id = model.denseOf.get(token ?? -1);
  if (id === undefined) throw new Error(`The model has not read ${text}`);
  return id;
};
const after = (weights: number[], context: number[]): Float64Array => {
  const out = new Float64Array(model.size);
  makePredict(model, Float64Array.from(weights))(context, out);
  return out;
};

describe('the distribution of the next token', () => {
  test('sums to one after any context, for any weights', () => {
    const weight = fc.double({ min: 0.001, max: 1, noNaN: true });
    const context = fc.array(fc.nat(model.size - 2), { maxLength: 6 });
    fc.assert(
      fc.property(context, weight, weight, (tokens, gardens, ships) => {
        const probabilities = after([gardens, ships], tokens);
        expect(sum(probabilities)).toBeCloseTo(1, 9);
        for (const probability of probabilities) expect(probability).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });

  test('gives every token some probability, and the end none in the middle of a sentence', () => {
    const probabilities = after([1, 1], [idOf(' the')]);
    expect(probabilities[model.end]).toBe(0);
    for (let id = 0; id < model.end; id++) expect(probabilities[id]).toBeGreaterThan(0);
  });

  test('begins a text as a paragraph begins', () => {
    const probabilities = after([1, 1], [model.begin]);
    const openings = ['The', 'Flags'].reduce((total, word) => total + (probabilities[idOf(word)] ?? 0), 0);
    expect(openings).toBeGreaterThan(0.95);
  });

  test('ends or goes on with equal chances where a paragraph ended', () => {
    const ending = encodeText(' likes the wall').map((token) => model.denseOf.get(token) ?? -1);
    const probabilities = after([1, 1], ending.slice(-4));
    const [full, followed] = [idOf('.'), idOf('.\n\n')];
    expect(probabilities[full]).toBeCloseTo(probabilities[followed] ?? 0, 1);
    const stop = after([1, 1], [...ending.slice(-3), full]);
    expect(stop[model.end]).toBeGreaterThan(0.3);
  });

  test('leans to the topic that weighs more', () => {
    const context = [idOf(' the')];
    const gardens = after([1, 0.01], context);
    const ships = after([0.01, 1], context);
    expect(gardens[idOf(' roses')]).toBeGreaterThan((ships[idOf(' roses')] ?? 0) * 5);
  });

  test('leans to the longer context', () => {
    const short = after([1, 1], [idOf(' the')]);
    const long = after([1, 1], [idOf(' waters'), idOf(' the')]);
    expect(long[idOf(' roses')]).toBeGreaterThan(short[idOf(' roses')] ?? 1);
  });

  test('is that of Witten and Bell: (c + T p) / (N + T) at each order', () => {
    const factors = [1, 1, 1, 1] as const;
    const out = new Float64Array(model.size);
    makePredict(model, Float64Array.of(1, 1), factors)([idOf(' waters')], out);
    // ' waters' was followed by ' the' and by ' nothing', once each: N = T = 2, so half comes from single tokens.
    const shares = new Float64Array(model.size);
    for (const [place, id] of model.next.entries()) {
      if (id !== model.end) shares[id] = (shares[id] ?? 0) + (model.share[place] ?? 0);
    }
    const the = idOf(' the');
    expect(out[the]).toBeCloseTo((1 + 2 * ((shares[the] ?? 0) / sum(shares))) / 4, 12);
  });
});

test('training twice gives the same model', () => {
  expect(trainNgram(smallTopics)).toEqual(model);
});
