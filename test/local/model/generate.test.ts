import { describe, expect, test } from 'vitest';
import { type GenerateOptions, generate, type Step } from '../../../local/model/generate.ts';
import { trainNgram } from '../../../local/model/ngram.ts';
import { PARAGRAPH_START, positionAfter } from '../../../local/model/position.ts';
import { makePredict, type Predict } from '../../../local/model/predict.ts';
import { seededRandom } from '../../../local/model/random.ts';
import type { Sampling } from '../../../local/model/sampling.ts';
import { proseSource } from '../../../local/model/source.ts';
import { encodeText } from '../../../local/model/tokens.ts';
import { smallTopics } from './prose-fixture.ts';

const model = trainNgram(smallTopics);
const predict = makePredict(model, Float64Array.of(1, 1));
const plain: Sampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logitBias: new Map(),
};

type Change = Partial<Omit<GenerateOptions, 'sampling' | 'random'>> & {
  sampling?: Partial<Sampling>;
  seed?: number;
  context?: readonly number[];
};
const stepsOf = (
  { sampling = {}, seed = 1, context = [], ...rest }: Change = {},
  by: Predict = predict,
): Step[] => [
  ...generate(proseSource(model, by, context), {
    maxTokens: 60,
    stop: [],
    ...rest,
    sampling: { ...plain, ...sampling },
    random: seededRandom(seed),
  }),
];
const textOf = (steps: Step[]): string => steps.map(({ text }) => text).join('');
const tokensOf = (steps: Step[]): number => steps.reduce((total, { tokens }) => total + tokens.length, 0);
const sampledOf = (steps: Step[]): number => steps.reduce((total, { sampled }) => total + sampled, 0);

/** A prediction that recites a text, byte tokens included, and then ends. */
const recite = (text: string): Predict => {
  const ids = encodeText(text).map((token) => model.denseOf.get(token) ?? -1);
  let at = 0;
  return (_, out) => {
    out.fill(0);
    out[ids[at] ?? model.end] = 1;
    at += 1;
  };
};

describe('a generation', () => {
  test('is the same for the same seed and different for another', () => {
    expect(textOf(stepsOf({ seed: 5 }))).toBe(textOf(stepsOf({ seed: 5 })));
    const texts = new Set([1, 2, 3, 4, 5, 6].map((seed) => textOf(stepsOf({ seed }))));
    expect(texts.size).toBeGreaterThan(3);
  });

  test('is greedy at temperature 0 and with top_k 1, whatever the seed and the temperature', () => {
    const greedy = textOf(stepsOf({ sampling: { temperature: 0 } }));
    expect(textOf(stepsOf({ sampling: { temperature: 2, topK: 1 }, seed: 9 }))).toBe(greedy);
    expect(textOf(stepsOf({ sampling: { temperature: 0.3, topK: 1 }, seed: 10 }))).toBe(greedy);
  });

  test('ends with its last step: with stop by itself, with length at the limit', () => {
    for (const seed of Array(20).keys()) {
      const steps = stepsOf({ seed, maxTokens: 12 });
      expect(steps.findIndex(({ finish }) => finish !== undefined)).toBe(steps.length - 1);
      const finish = steps.at(-1)?.finish;
      if (finish === 'length') expect(sampledOf(steps)).toBe(12);
      else expect(sampledOf(steps)).toBeLessThanOrEqual(12);
      expect(tokensOf(steps)).toBe(sampledOf(steps));
    }
    const finishes = Array.from(Array(40).keys(), (seed) => stepsOf({ seed, maxTokens: 13 }).at(-1)?.finish);
    expect(new Set(finishes)).toEqual(new Set(['stop', 'length']));
  });

  test('may continue with another paragraph', () => {
    const texts = Array.from(Array(100).keys(), (seed) => textOf(stepsOf({ seed, maxTokens: 200 })));
    expect(texts.some((text) => /\.\n\n(The|A|Flags)/.test(text))).toBe(true);
    for (const text of texts) expect(text.startsWith('\n')).toBe(false);
  });

  test('ends before a stop string that spans tokens, and counts the tokens sampled for it', () => {
    const steps = stepsOf(
      { stop: ['the roses in'] },
      recite('The gardener waters the roses in the morning.'),
    );
    expect(textOf(steps)).toBe('The gardener waters ');
    expect(steps.at(-1)?.finish).toBe('stop');
    const unstopped = encodeText('The gardener waters the roses in').length;
    expect(sampledOf(steps)).toBe(unstopped);
    expect(steps.some(({ text }) => text.includes('the'))).toBe(false);
    // ' the' had the space before the stop string, and ' roses' and ' in' no text that was sent.
    expect(tokensOf(steps)).toBe(unstopped - 2);
  });

  test('sends withheld text when it turns out to be no stop string', () => {
    const steps = stepsOf({ stop: ['roses, red'] }, recite('The roses open slowly.'));
    expect(textOf(steps)).toBe('The roses open slowly.');
    expect(tokensOf(steps)).toBe(sampledOf(steps));
  });

  test('never sends a part of a character, and sends the tokens of one together', () => {
    const text = 'Flags such as 🏴‍☠️ and 🦜 are seldom seen, ≥ 3 never.';
    const steps = stepsOf({}, recite(text));
    expect(textOf(steps)).toBe(text);
    for (const step of steps) expect(step.text.includes('\uFFFD')).toBe(false);
    expect(steps.some(({ tokens }) => tokens.length > 1)).toBe(true);
    expect(tokensOf(steps)).toBe(encodeText(text).length);
    const bytes = steps.flatMap(({ tokens }) =>
      tokens.flatMap(({ id }) => Array.from(model.bytes[id] ?? [])),
    );
    expect(Buffer.from(bytes).toString('utf8')).toBe(text);
  });

  test('repeats itself less with a frequency penalty', () => {
    const anyToken: Predict = (_, out) => {
      out.fill(1 / model.end);
      out[model.end] = 0;
    };
    const different = (frequencyPenalty: number): number => {
      const steps = stepsOf({ sampling: { frequencyPenalty } }, anyToken);
      return new Set(steps.flatMap(({ tokens }) => tokens.map(({ id }) => id))).size;
    };
    expect(different(2)).toBeGreaterThan(different(0));
    expect(different(0)).toBeGreaterThan(different(-2));
  });

  test('continues from the given tokens', () => {
    const context = encodeText(' waters the').map((token) => model.denseOf.get(token) ?? model.begin);
    expect(textOf(stepsOf({ context, sampling: { temperature: 0 } }))).toMatch(/^ roses/);
  });
});

describe('logprobs', () => {
  test("are the model's own, before temperature, truncation and penalties", () => {
    const steps = stepsOf({
      topLogprobs: 3,
      sampling: { temperature: 0.5, topK: 2, frequencyPenalty: 1 },
    });
    const out = new Float64Array(model.size);
    let context = [model.begin];
    let position = PARAGRAPH_START;
    for (const { id, logprob, top } of steps.flatMap(({ tokens }) => tokens)) {
      predict(context, out, position);
      expect(logprob).toBeCloseTo(Math.log(out[id] ?? 0), 12);
      const ranked = Array.from(out).sort((a, b) => b - a);
      expect(top.map((scored) => Math.exp(scored.logprob))).toEqual(
        ranked.slice(0, 3).map((probability) => expect.closeTo(probability, 12)),
      );
      const breaks = model.breaks[id] === 1;
      position = breaks ? PARAGRAPH_START : positionAfter(position, model.marks, context.at(-1), id);
      context = breaks ? [model.begin] : [...context, id];
    }
  });

  test('have the place where the text of each token begins', () => {
    const text = 'The ship needs wind.';
    const [step] = stepsOf({ topLogprobs: 0 }, recite(text));
    expect(step?.tokens[0]?.offset).toBe(0);
    const offsets = stepsOf({ topLogprobs: 0 }, recite(text)).flatMap(({ tokens }) =>
      tokens.map(({ offset }) => offset),
    );
    expect(offsets).toEqual([0, 3, 8, 14, 19]);
  });
});
