import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trainNgram } from '../../../local/model/ngram.ts';
import type { Position } from '../../../local/model/position.ts';
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
const after = (weights: number[], context: number[], position?: Position): Float64Array => {
  const out = new Float64Array(model.size);
  makePredict(model, Float64Array.from(weights))(context, out, position);
  return out;
};

describe('the distribution of the next token', () => {
  test('sums to one after any context, for any weights', () => {
    const weight = fc.double({ min: 0.001, max: 1, noNaN: true });
    const position = fc.record({ sentence: fc.nat(20), offset: fc.nat(400) });
    const context = fc.array(fc.nat(model.size - 2), { maxLength: 6 });
    fc.assert(
      fc.property(context, weight, weight, position, (tokens, gardens, ships, at) => {
        const probabilities = after([gardens, ships], tokens, at);
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

  test('starts a text like the start of a paragraph', () => {
    const probabilities = after([1, 1], [model.begin]);
    const openings = ['The', 'Flags'].reduce((total, word) => total + (probabilities[idOf(word)] ?? 0), 0);
    expect(openings).toBeGreaterThan(0.95);
  });

  test('mostly ends where a paragraph ended, and sometimes continues with another', () => {
    const ending = encodeText(' likes the wall').map((token) => model.denseOf.get(token) ?? -1);
    const lastSentence = { sentence: 1, offset: 4 };
    const probabilities = after([1, 1], ending.slice(-4), lastSentence);
    const [full, followed] = [idOf('.'), idOf('.\n\n')];
    expect(probabilities[full]).toBeGreaterThan((probabilities[followed] ?? 0) * 4);
    expect(probabilities[followed]).toBeGreaterThan(0.02);
    const stop = after([1, 1], [...ending.slice(-3), full], { sentence: 1, offset: 5 });
    expect(stop[model.end]).toBeGreaterThan(0.3);
  });

  test('prefers the topic with the larger weight', () => {
    const context = [idOf(' the')];
    const gardens = after([1, 0.01], context);
    const ships = after([0.01, 1], context);
    expect(gardens[idOf(' roses')]).toBeGreaterThan((ships[idOf(' roses')] ?? 0) * 5);
  });

  test('prefers the longer context', () => {
    const short = after([1, 1], [idOf(' the')]);
    const long = after([1, 1], [idOf(' waters'), idOf(' the')]);
    expect(long[idOf(' roses')]).toBeGreaterThan(short[idOf(' roses')] ?? 1);
  });

  test('prefers tokens from the same position in a paragraph', () => {
    // ' the' is followed by ' roses' or ' captain' … early, and by ' wall' at the end of a paragraph.
    const context = [idOf(' the')];
    const early = after([1, 1], context, { sentence: 0, offset: 3 });
    const late = after([1, 1], context, { sentence: 1, offset: 3 });
    expect(early[idOf(' roses')]).toBeGreaterThan(late[idOf(' roses')] ?? 1);
    expect(late[idOf(' wall')]).toBeGreaterThan(early[idOf(' wall')] ?? 1);
  });

  test('mixes each order with the next lower one in fixed proportions', () => {
    const out = new Float64Array(model.size);
    const position = { sentence: 0, offset: 3 };
    makePredict(model, Float64Array.of(1, 1), [0.5, 1, 1, 1])([idOf(' waters')], out, position);
    // ' waters' was followed by ' the' and by ' nothing', once each and both at the third token of a first sentence.
    const shares = new Float64Array(model.size);
    for (const [place, id] of model.next.entries()) {
      if (id !== model.end) shares[id] = (shares[id] ?? 0) + (model.share[place] ?? 0);
    }
    const the = idOf(' the');
    expect(out[the]).toBeCloseTo(0.5 * 0.5 + 0.5 * ((shares[the] ?? 0) / sum(shares)), 12);
  });
});

test('training twice gives the same model', () => {
  expect(trainNgram(smallTopics)).toEqual(model);
});
