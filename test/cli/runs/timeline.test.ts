import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { longGapsOf, timelineOf } from '../../../cli/runs/timeline.ts';
import { HOSTILE, UNPRINTABLE } from './api-server.ts';
import { traceOf } from './traces.ts';

const chunksAt = (...times: number[]) => times.map((t_ms, at) => ({ t_ms, text: ` w${at}`, tokens: 1 }));

test('a stall stands out by its width and its height, and a steady stream stays low', () => {
  const times = [200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 590, 600, 610, 620, 630];
  const timeline = timelineOf(traceOf(chunksAt(...times), { endMs: 700 }), 35);
  expect(timeline).toEqual({
    strip: '··········▁▁▁▁████████████████▁▁···',
    axis: '          ↑ 200 ms           0.70 s',
    highestMs: 300,
  });
});

test('the highest block is four usual gaps at least', () => {
  const timeline = timelineOf(traceOf(chunksAt(10, 20, 30, 40)), 8);
  expect(timeline).toMatchObject({ strip: '··▂▂▂▂▂▂', highestMs: 40 });
});

test('the first token stands at the left of its arrow where there is no room at the right', () => {
  expect(timelineOf(traceOf(chunksAt(900, 1_000)), 30)?.axis).toBe('              900 ms ↑  1.00 s');
});

test('there is no timeline without chunks, and one block for one chunk', () => {
  expect(timelineOf(traceOf([]), 20)).toBeUndefined();
  expect(timelineOf(traceOf(chunksAt(50), { endMs: 100 }), 10)?.strip).toBe('·····▁····');
});

test('the longest gaps have the number of the token after them and the text around', () => {
  const chunks = [
    { t_ms: 10, text: 'A vector', tokens: 2 },
    { t_ms: 20, text: ' database', tokens: 1 },
    { t_ms: 120, text: ' stores', tokens: 1 },
  ];
  expect(longGapsOf(traceOf(chunks)).slice(0, 1)).toEqual([
    { gapMs: 100, place: 'token 4', text: '…A vector database ▸ stores' },
  ]);
  const uncounted = chunks.map((chunk) => ({ ...chunk, tokens: null }));
  expect(longGapsOf(traceOf(uncounted))[0]?.place).toBe('chunk 3');
});

test('lines are as wide as asked and printable, for any times and texts', () => {
  const chunk = fc.record({
    t_ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
    text: fc.oneof(fc.constant(HOSTILE), fc.string({ unit: 'binary', maxLength: 9 })),
    tokens: fc.option(fc.nat(9)),
  });
  fc.assert(
    fc.property(
      fc.array(chunk, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 140 }),
      (chunks, width) => {
        const trace = traceOf(chunks.toSorted((a, b) => a.t_ms - b.t_ms));
        const timeline = timelineOf(trace, width);
        expect(stringWidth(timeline?.strip ?? '')).toBe(width);
        expect(stringWidth(timeline?.axis ?? '')).toBeLessThanOrEqual(width);
        for (const { text } of longGapsOf(trace)) expect(text).not.toMatch(UNPRINTABLE);
      },
    ),
    { numRuns: 200 },
  );
});
