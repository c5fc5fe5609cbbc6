import { describe, expect, test } from 'vitest';
import type { Timing } from '../../../lib/runs/generation.ts';
import { type VectorSource, vectorMetadata } from '../../../lib/vectors/metadata.ts';
import type { VectorMetadata } from '../../../lib/vectors/ports.ts';

const spread = {
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
const timing: Timing = {
  started_at: '2026-11-20T10:00:00.000Z',
  ttfr_ms: 90,
  ttft_ms: 101.5,
  ttfo_ms: 101.5,
  ttlt_ms: 980,
  e2e_ms: 990,
  connect_ms: 0,
  tpot_ms: 11.1,
  seconds_per_token: 0.0124,
  decode_tokens_per_second: 90,
  tokens_per_second: 80.8,
  chunk_gaps_ms: spread,
  itl_ms: null,
  token_count_source: 'usage',
  longest_gap_ms: null,
  longest_gap_chunk: null,
  chunk_density: 1,
  cold_start: false,
  uncertainty_ms: 0.2,
  uncertain: [],
};
const source = (change: Partial<VectorSource> = {}): VectorSource => ({
  runId: 'run_1',
  model: 'gpt-6-luna',
  metadata: { team: 'docs' },
  generation: {
    index: 2,
    label: 'Top-k 40',
    model: 'gpt-6-luna-2026-10-01',
    usage: { prompt_tokens: 9, completion_tokens: 80, reasoning_tokens: 0, cached_tokens: 0 },
    timing,
    cost_usd: 0.00004,
  },
  chunk: { index: 1, text: 'Vector databases store embeddings.' },
  createdAt: 1_795_000_000_000,
  ...change,
});
const withoutWords = ({ words: _, ...rest }: VectorMetadata): VectorMetadata => rest;
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("a vector's metadata", () => {
  test('has the source of the text, its figures, and the metadata of the caller', () => {
    expect(vectorMetadata(source())).toEqual({
      text: 'Vector databases store embeddings.',
      run_id: 'run_1',
      index: 2,
      chunk: 1,
      label: 'Top-k 40',
      model: 'gpt-6-luna',
      response_model: 'gpt-6-luna-2026-10-01',
      tokens: 80,
      seconds_per_token: 0.0124,
      ttft_ms: 101.5,
      tpot_ms: 11.1,
      e2e_ms: 990,
      cost_usd: 0.00004,
      created_at: 1_795_000_000_000,
      'metadata.team': 'docs',
    });
  });

  test('has the rare words of the text, and no such field when there are none', () => {
    const chunk = { index: 0, text: 'Vectors of ERR_4411' };
    expect(vectorMetadata(source({ chunk })).words).toEqual(['err_4411', 'err', '4411']);
    expect(vectorMetadata(source())).not.toHaveProperty('words');
  });

  test('leaves out unknown figures, and never has 0 for them', () => {
    const unknown = {
      prompt_tokens: null,
      completion_tokens: null,
      reasoning_tokens: null,
      cached_tokens: null,
    };
    const bare = vectorMetadata(
      source({ generation: { ...source().generation, usage: unknown, timing: null, cost_usd: null } }),
    );
    expect(Object.keys(bare)).toEqual([
      'text',
      'run_id',
      'index',
      'chunk',
      'label',
      'model',
      'response_model',
      'created_at',
      'metadata.team',
    ]);
    const half = { ...timing, tpot_ms: null, e2e_ms: Number.POSITIVE_INFINITY };
    const some = vectorMetadata(source({ generation: { ...source().generation, timing: half } }));
    expect(some).not.toHaveProperty('tpot_ms');
    expect(some).not.toHaveProperty('e2e_ms');
    expect(some.ttft_ms).toBe(101.5);
  });

  test("keeps the caller's keys separate from its own", () => {
    expect(vectorMetadata(source({ metadata: { run_id: 'forged', $eq: 'x' } }))).toMatchObject({
      run_id: 'run_1',
      'metadata.run_id': 'forged',
      'metadata.$eq': 'x',
    });
  });

  test('stays within 40 KB by shortening the text alone, between graphemes', () => {
    const full = vectorMetadata(source());
    for (const unit of ['👩‍👩‍👧‍👦', 'x', '"', '\u0001', '\ud800', 'e\u0301']) {
      const trimmed = vectorMetadata(source({ chunk: { index: 1, text: unit.repeat(50_000) } }));
      const stored = { ...trimmed, deployment: 't'.repeat(255) };
      expect(size(stored)).toBeLessThanOrEqual(40_960);
      expect(size(stored)).toBeGreaterThan(40_900 - 2 * size(unit));
      expect(String(trimmed.text)).toBe(unit.repeat(String(trimmed.text).length / unit.length));
      expect({ ...withoutWords(trimmed), text: full.text }).toEqual(full);
    }
  });

  test('shortens the text for the largest metadata a caller may send', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_, at) => [`${at}`.padEnd(64, '数'), '库'.repeat(512)]),
    );
    const trimmed = vectorMetadata(source({ metadata, chunk: { index: 0, text: 'x'.repeat(20_000) } }));
    expect(size(trimmed)).toBeLessThanOrEqual(40_960);
    expect(String(trimmed.text).length).toBeGreaterThan(2_000);
    expect(Object.keys(trimmed)).toHaveLength(14 + 16);
  });

  test('stays within 40 KB, whatever the texts beside the text, by shortening the longest of them', () => {
    const pairs = Array.from({ length: 16 }, (_, at) => [`${at}`.padEnd(64, '\u0001'), '\u0002'.repeat(512)]);
    const generation = { ...source().generation, model: 'm'.repeat(1_000_000) };
    const metadata = { ...Object.fromEntries(pairs.slice(1)), short: 'kept' };
    const trimmed = vectorMetadata(source({ metadata, generation }));
    expect(size(trimmed)).toBeLessThanOrEqual(40_960);
    expect(trimmed).toMatchObject({ run_id: 'run_1', tokens: 80, tpot_ms: 11.1, 'metadata.short': 'kept' });
    expect(trimmed).toMatchObject({ label: 'Top-k 40', model: 'gpt-6-luna' });
    expect(Object.keys(trimmed)).toHaveLength(14 + 16);
  });
});
