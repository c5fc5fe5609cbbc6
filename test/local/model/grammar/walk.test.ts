import { describe, expect, test } from 'vitest';
import { trainNgram } from '../../../../local/model/ngram.ts';
import { makePredict } from '../../../../local/model/predict.ts';
import { compileSchema } from '../../../../local/model/schema/compile-schema.ts';
import { jsonSource } from '../../../../local/model/source.ts';
import { encodeText } from '../../../../local/model/tokens.ts';
import { smallTopics } from '../prose-fixture.ts';

const model = trainNgram(smallTopics);
const predict = makePredict(model, Float64Array.of(1, 1));

const objectWith = (value: object) => ({ type: 'object', properties: { a: value }, required: ['a'] });

/** The probabilities of the tokens after a text, by their texts. */
const after = (schema: object, text: string): Map<string, number> => {
  const { vocabulary, ...grammar } = compileSchema(model, schema, false);
  const source = jsonSource(model, predict, { vocabulary, ...grammar });
  const out = new Float64Array(vocabulary.bytes.length);
  const texts = vocabulary.bytes.map((bytes) => Buffer.from(bytes).toString());
  const longest = (rest: string): number =>
    texts.reduce(
      (best, each, id) =>
        (out[id] ?? 0) > 0 && rest.startsWith(each) && each.length > (texts[best]?.length ?? 0) ? id : best,
      -1,
    );
  for (let rest = text; rest !== ''; ) {
    source.predict(out);
    const id = longest(rest);
    expect(id, rest).toBeGreaterThanOrEqual(0);
    source.take(id);
    rest = rest.slice(texts[id]?.length);
  }
  source.predict(out);
  return new Map(texts.flatMap((each, id) => ((out[id] ?? 0) > 0 ? [[each, out[id] ?? 0]] : [])));
};
const sumOf = (probabilities: Map<string, number>): number =>
  [...probabilities.values()].reduce((sum, each) => sum + each, 0);

describe('the probabilities of the tokens that a schema allows', () => {
  test('are 1 for the only one', () => {
    expect(after(objectWith({ const: 7 }), '')).toEqual(new Map([['{"', 1]]));
  });

  test('within a string are the n-gram’s, shared with the closing quote the longer it is', () => {
    const schema = objectWith({ type: 'string' });
    const early = after(schema, '{"a":"The');
    const late = after(schema, '{"a":"The gardener waters the roses in the morning');
    const first = new Float64Array(model.size);
    predict([model.begin, model.denseOf.get(encodeText('The')[0] ?? 0) ?? 0], first, {
      sentence: 0,
      offset: 1,
    });
    const ofRoses = (id: string): number => first[model.denseOf.get(encodeText(id)[0] ?? 0) ?? 0] ?? 0;
    const ratio = (early.get(' gardener') ?? 0) / (early.get(' ship') ?? 1);
    expect(ratio).toBeCloseTo(ofRoses(' gardener') / ofRoses(' ship'), 9);
    expect(late.get('"}')).toBeGreaterThan(early.get('"}') ?? 1);
    expect([sumOf(early), sumOf(late)]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
    expect([...early.keys()].some((token) => /["\\\n]/.test(token) && token !== '"}')).toBe(false);
  });

  test('of choices that follow one another are found, however many ways they have in all', () => {
    const choice = (at: number) => ({ anyOf: [{ $ref: `#/$defs/${at}` }, { $ref: `#/$defs/${at}` }] });
    const $defs = { ...Array.from({ length: 40 }, (_, at) => choice(at + 1)), 40: { enum: [7, 8] } };
    const found = after({ ...objectWith({ $ref: '#/$defs/0' }), $defs }, '{"a":');
    expect([...found.keys()]).toEqual(['7', '8']);
    expect(sumOf(found)).toBeCloseTo(1, 9);
  });

  test('of branches that begin alike are sums, until they differ', () => {
    const branch = (kind: string) => ({ ...objectWith({ const: kind }), additionalProperties: false });
    const schema = objectWith({ anyOf: [branch('x'), branch('y'), { type: 'null' }] });
    expect(after(schema, '{"a":')).toEqual(
      new Map([
        ['null', expect.closeTo(1 / 3, 9)],
        ['{"', expect.closeTo(2 / 3, 9)],
      ]),
    );
    const differing = after(schema, '{"a":{"a":"');
    expect([...differing.keys()].map((token) => token[0]).toSorted()).toEqual(['x', 'y']);
    expect([...differing.values()]).toEqual([expect.closeTo(1 / 2, 9), expect.closeTo(1 / 2, 9)]);
  });

  test('of an item and the end of an array sum to 1, and only the end follows the last', () => {
    const schema = objectWith({ type: 'array', items: { type: 'null' }, maxItems: 2 });
    const next = after(schema, '{"a":[null');
    expect([...next].map(([token]) => token[0]).toSorted()).toEqual([',', ']']);
    expect(sumOf(next)).toBeCloseTo(1, 9);
    expect([...after(schema, '{"a":[null,null').keys()]).toEqual([']']);
  });
});
