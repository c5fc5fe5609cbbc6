import { expect, test } from 'vitest';
import {
  aiperfFigures,
  guidellmFigures,
  llmperfFigures,
  vllmFigures,
} from '../../../../../tools/bench/truth/clients/line-formulas.ts';
import { type TimedLine, withoutUsageEvent } from '../../../../../tools/bench/truth/clients/timed-lines.ts';

const content = (tMs: number, text: string): TimedLine => ({
  tMs,
  kind: 'chunk',
  chunk: { choices: [{ delta: { content: text } }] },
});
const finish = (tMs: number): TimedLine => ({ tMs, kind: 'chunk', chunk: { choices: [{ delta: {} }] } });
const usage = (tMs: number, tokens: number): TimedLine => ({
  tMs,
  kind: 'chunk',
  chunk: { choices: [], usage: { completion_tokens: tokens } },
});

/** Role at 60 ms, four tokens in three chunks from 100 to 160 ms, finish at 200, usage at 250, end at 260. */
const reading = {
  lines: [
    content(60, ''),
    content(100, 'a'),
    content(120, 'bc'),
    content(160, 'd'),
    finish(200),
    usage(250, 4),
    { tMs: 250, kind: 'done' as const },
  ],
  endMs: 260,
};

test('vllm starts at the role, ends at the finish reason and takes both for tokens', () => {
  const { gaps, ...figures } = vllmFigures(reading);
  expect(figures).toEqual({ ttftMs: 60, tpotMs: 140 / 3, e2eMs: 200, text: 'abcd' });
  expect(gaps?.map(({ ms }) => ms)).toEqual([40, 20, 40, 40]);
  expect(gaps?.map(({ chars }) => chars)).toEqual([1, 3, 4, 4]);
});

test('guidellm divides the time from the request to the last token by all tokens', () => {
  expect(guidellmFigures(reading)).toEqual({
    ttftMs: 100,
    tpotMs: 40,
    itlMs: 20,
    e2eMs: 260,
    gaps: null,
    text: 'abcd',
  });
});

test('guidellm and aiperf count streamed reasoning as content', () => {
  const thought: TimedLine = {
    tMs: 80,
    kind: 'chunk',
    chunk: { choices: [{ delta: { reasoning_content: 'so' } }] },
  };
  const thoughtful = { ...reading, lines: [thought, ...reading.lines] };
  expect(guidellmFigures(thoughtful)).toMatchObject({ ttftMs: 80, itlMs: 80 / 3, text: 'abcd' });
  expect(aiperfFigures(thoughtful)).toMatchObject({ ttftMs: 80, gaps: [{ ms: 20 }, { ms: 20 }, { ms: 40 }] });
});

test('aiperf has the gaps between chunks with content', () => {
  expect(aiperfFigures(reading)).toEqual({
    ttftMs: 100,
    tpotMs: null,
    e2eMs: 160,
    gaps: [
      { ms: 20, chars: 3 },
      { ms: 40, chars: 4 },
    ],
    text: 'abcd',
  });
});

test('llmperf divides the time from the request to the last content by the lines', () => {
  expect(llmperfFigures(withoutUsageEvent(reading))).toEqual({
    ttftMs: 100,
    tpotMs: 160 / 5,
    e2eMs: 260,
    gaps: null,
    text: 'abcd',
  });
});

test('a comment, or an event without choices, fails a request of llmperf and none of the others', () => {
  const failed = { ttftMs: null, tpotMs: null, e2eMs: null, gaps: null };
  expect(llmperfFigures(reading)).toEqual({ ...failed, text: 'abcd' });
  const comment: TimedLine = { tMs: 110, kind: 'comment' };
  const commented = { ...reading, lines: reading.lines.toSpliced(2, 0, comment) };
  expect(llmperfFigures(withoutUsageEvent(commented))).toEqual({ ...failed, text: 'a' });
  for (const formula of [vllmFigures, guidellmFigures, aiperfFigures])
    expect(formula(commented)).toEqual(formula(reading));
});

test('without usage or text the figures that need them are unknown', () => {
  expect(vllmFigures(withoutUsageEvent(reading))).toMatchObject({ ttftMs: 60, tpotMs: null });
  expect(guidellmFigures(withoutUsageEvent(reading))).toMatchObject({ tpotMs: null, itlMs: null });
  const empty = { lines: [], endMs: 10 };
  expect(vllmFigures(empty)).toEqual({ ttftMs: null, tpotMs: null, e2eMs: null, gaps: [], text: '' });
  expect(guidellmFigures(empty)).toMatchObject({ ttftMs: null, tpotMs: null, itlMs: null });
  expect(aiperfFigures(empty)).toMatchObject({ ttftMs: null, e2eMs: null, gaps: [] });
  expect(llmperfFigures(empty)).toMatchObject({ ttftMs: null, tpotMs: null });
});
