import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../local/model/random.ts';
import {
  planStream,
  SCENARIO_NAMES,
  type Scenario,
  type StreamPlan,
  splitEvent,
} from '../../../../tools/bench/truth/stream-plan.ts';
import { readCompletion } from './read-completion.ts';

const plan = (scenario: Scenario, options: { tokens?: number; rate?: number; seed?: number } = {}) =>
  planStream(scenario, { tokens: 24, rate: 100, seed: 7, id: 'chatcmpl-7', ...options });

const bytesOf = ({ writes }: StreamPlan) => Buffer.concat(writes.map(({ bytes }) => bytes));
const payloads = ({ writes }: StreamPlan) => writes.filter(({ words }) => words.length > 0);

test.each(SCENARIO_NAMES)(
  'the bytes of %s hold exactly the text and tokens that the plan names, in order',
  (scenario) => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 60 }), (seed, tokens) => {
        const planned = plan(scenario, { seed, tokens });
        const read = readCompletion(bytesOf(planned).toString('utf8'));
        expect(read.text).toBe(planned.text);
        expect(read.usage).toBe(planned.visibleTokens + planned.reasoningTokens);
        expect(read).toMatchObject({ finishReason: 'stop', done: true, reasoning: planned.reasoningTokens });
        expect(planned.visibleTokens).toBe(tokens);
        expect(payloads(planned).flatMap(({ words }) => words)).toHaveLength(tokens);
        expect(
          payloads(planned)
            .flatMap(({ words }) => words)
            .join(''),
        ).toBe(planned.text);
        const dues = planned.writes.map(({ dueMs }) => dueMs);
        expect(dues).toEqual(dues.toSorted((a, b) => a - b));
      }),
      { numRuns: 15 },
    );
  },
);

describe('the scenario', () => {
  const dues = (scenario: Scenario) => payloads(plan(scenario)).map(({ dueMs }) => dueMs);

  test('steady has a token each 10 ms at 100 a second', () => {
    expect(dues('steady').slice(0, 3)).toEqual([50, 60, 70]);
  });
  test('bursts has eight tokens at once', () => {
    expect(dues('bursts').slice(6, 10)).toEqual([50, 50, 130, 130]);
  });
  test('chunks has several tokens a chunk, as many as their logprobs', () => {
    const { writes } = plan('chunks');
    const sizes = writes.flatMap(({ bytes, words }) => {
      const found = /"logprobs":\{"content":(\[.*?\])\},"finish/.exec(Buffer.from(bytes).toString('utf8'));
      return words.length === 0
        ? []
        : [{ words: words.length, logprobs: JSON.parse(found?.[1] ?? '[]').length }];
    });
    for (const { words, logprobs } of sizes) expect(logprobs).toBe(words);
    expect(sizes.some(({ words }) => words > 1)).toBe(true);
  });
  test('split cuts each event into three and completes it with the last part', () => {
    const planned = plan('split');
    const parts = planned.writes.map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
    expect(parts.length).toBe(3 * (1 + 24 + 3));
    expect(parts.some((part) => part.includes('\uFFFD'))).toBe(true);
    for (const { bytes } of payloads(planned)) expect(Buffer.from(bytes).at(-1)).toBe(10);
  });
  test('reasoning waits as long as its hidden tokens take', () => {
    expect(plan('reasoning').reasoningTokens).toBe(24);
    expect(dues('reasoning')[0]).toBe(50 + 240);
  });
  test('slow-first is slow at its start, and slow-tail at its end', () => {
    expect(dues('slow-first')[0]).toBe(400);
    const { writes } = plan('slow-tail');
    expect(dues('slow-tail').slice(-2)).toEqual([270, 520]);
    expect(writes.slice(-3).map(({ dueMs }) => dueMs)).toEqual([620, 720, 720]);
  });
  test('noise sends its role early and has writes without text between the tokens', () => {
    const { writes } = plan('noise');
    expect(writes[0]).toMatchObject({ dueMs: 10, words: [] });
    expect(writes.length).toBeGreaterThan(2 * 24);
  });
  test('noise has the same bytes for the same seed, and others for another', () => {
    expect(bytesOf(plan('noise')).equals(bytesOf(plan('noise')))).toBe(true);
    expect(bytesOf(plan('noise', { seed: 8 })).equals(bytesOf(plan('noise')))).toBe(false);
  });
});

test('any event is cut into three parts that add up to it, one cut being inside a character if possible', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 3 }), fc.nat(), (text, seed) => {
      const bytes = Buffer.from(text);
      const parts = splitEvent(bytes, seededRandom(seed));
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      expect(parts).toHaveLength(3);
      expect(parts.every(({ length }) => length > 0)).toBe(true);
      const whole = (part: Uint8Array) => !Buffer.from(part).toString('utf8').includes('\uFFFD');
      if (bytes.length > text.length && !text.includes('\uFFFD')) expect(parts.every(whole)).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('fewer than three bytes are not cut', () => {
  expect(splitEvent(Buffer.from('é'), seededRandom(1))).toEqual([Buffer.from('é')]);
});
