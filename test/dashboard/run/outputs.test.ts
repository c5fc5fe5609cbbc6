import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Timing } from '../../../client/index.ts';
import {
  chosenOutput,
  colourPlaceOf,
  figuresOf,
  nameOf,
  searchable,
} from '../../../dashboard/pages/run/outputs.ts';
import { outputOf, runOf } from './a-run.ts';

const NO_GAPS = {
  n: 0,
  mean: null,
  std: null,
  min: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  max: null,
};

const timingOf = (ttft_ms: number | null, longest_gap_ms: number | null): Timing => ({
  started_at: '2026-11-30T12:00:00.000Z',
  ttfr_ms: ttft_ms,
  ttft_ms,
  ttfo_ms: ttft_ms,
  ttlt_ms: 400,
  e2e_ms: 500,
  connect_ms: null,
  tpot_ms: null,
  seconds_per_token: null,
  decode_tokens_per_second: null,
  tokens_per_second: null,
  chunk_gaps_ms: NO_GAPS,
  itl_ms: null,
  token_count_source: 'none',
  longest_gap_ms,
  longest_gap_chunk: null,
  chunk_density: null,
  cold_start: false,
  uncertainty_ms: null,
  uncertain: [],
});

const samples = [
  outputOf({ index: 0, label: 'cool', timing: timingOf(100, 40) }),
  outputOf({ index: 1, label: 'cool', sample: 1, timing: timingOf(null, 90) }),
  outputOf({ index: 2, label: 'warm', timing: timingOf(300, null) }),
  outputOf({ index: 3, label: 'warm', sample: 1, status: 'failed', timing: timingOf(9_000, 9_000) }),
];

describe('the outputs of a run', () => {
  test('have names by label and sample, and colours by setting', () => {
    const run = runOf({ generations: samples });
    expect(samples.map((output) => nameOf(output, run))).toEqual([
      'cool · 1',
      'cool · 2',
      'warm · 1',
      'warm · 2',
    ]);
    expect(samples.map((output) => colourPlaceOf(output, run))).toEqual([0, 0, 1, 1]);
    expect(nameOf(outputOf(), runOf())).toBe('Output');
    const two = [outputOf(), outputOf({ index: 1, sample: 1 })];
    expect(two.map((output) => colourPlaceOf(output, runOf({ generations: two })))).toEqual([0, 1]);
  });

  test('are chosen by the address, the first one where it names none', () => {
    const run = runOf({ generations: samples });
    expect(chosenOutput(run, new URLSearchParams('generation=2'))?.label).toBe('warm');
    expect(chosenOutput(run, new URLSearchParams('generation=99'))?.index).toBe(0);
    expect(chosenOutput(run, new URLSearchParams('generation=x'))?.index).toBe(0);
    expect(chosenOutput(runOf({ generations: [] }), new URLSearchParams())).toBeUndefined();
  });

  test('have means over what is known of the completed ones, and unknown is never zero', () => {
    expect(figuresOf(runOf({ generations: samples }))).toEqual({
      outputs: 3,
      ttft_ms: 200,
      tpot_ms: null,
      e2e_ms: 500,
      longest_gap_ms: 90,
    });
    expect(figuresOf(runOf()).e2e_ms).toBeNull();
  });

  test('are searched for by as much of their text as a search takes, cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(80), (text, most) => {
        const cut = searchable(text, most);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
        const next = [...text.slice(cut.length)][0] ?? '';
        expect(next === '' || Buffer.byteLength(cut + next) > most).toBe(true);
      }),
    );
  });
});
