import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutputObject, Trace, TraceChunk } from '../../../lib/runs/generation.ts';
import {
  decodeGeneration,
  decodeText,
  decodeTrace,
  encodeOutput,
  packIntegers,
  unpackIntegers,
} from '../../../lib/runs/output-object.ts';
import type { TokenLogprob } from '../../../lib/runs/token-logprobs.ts';
import { makeGeneration, makeOutput } from '../../factories/generation.ts';

const RUN = 'run_00000000000000000000000001';
const MARKS: Trace['marks'] = {
  t0_utc: '2026-11-22T13:00:00.000Z',
  t0_monotonic_ms: 1_000.123_456_789,
  completion_id: 'chatcmpl-1',
  ...{ tH: 140.000_4, tR: null, t1: 142.25, tO: 142.25, tL: 150, tE: 151.999_999 },
};
const outputOf = (text: string | null, chunks: TraceChunk[]) => ({
  run_id: RUN,
  generation: makeGeneration({ text }),
  trace: { marks: MARKS, chunks },
});
const encode = (output: OutputObject, asked = {}) => encodeOutput(output, asked);
const decode = (json: string, asked = {}): OutputObject => ({
  run_id: RUN,
  generation: decodeGeneration(json, () => asked),
  trace: decodeTrace(json),
});
const contentOf = (chunks: TraceChunk[]): string =>
  chunks.map(({ kind, text }) => (kind === undefined ? text : '')).join('');

const scored = {
  token: fc.string({ unit: 'grapheme' }),
  logprob: fc.option(fc.double({ max: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value || 0)),
};
const withBytes = <T extends { token: string }>(entry: T, bytes: number[] | null | 'own') => ({
  ...entry,
  bytes: bytes === 'own' ? [...Buffer.from(entry.token)] : bytes,
});
const bytesOf = fc.oneof(fc.constant('own' as const), fc.constant(null), fc.array(fc.nat(255)));
const scoredToken = fc.tuple(fc.record(scored), bytesOf).map(([entry, bytes]) => withBytes(entry, bytes));
const tokenLogprob = fc
  .tuple(scoredToken, fc.array(scoredToken, { maxLength: 3 }))
  .map(([own, top]): TokenLogprob => ({ ...own, top_logprobs: top }));

const chunk = fc
  .record({
    gap: fc.double({ min: 0, max: 5_000, noNaN: true }),
    text: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    tokens: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 3 }),
    kind: fc.constantFrom(undefined, undefined, 'reasoning', 'refusal', 'tool'),
    logprobs: fc.option(fc.array(tokenLogprob, { maxLength: 4 }), {
      nil: undefined,
    }),
  })
  .map(({ gap, kind, logprobs, ...same }) => ({
    gap,
    chunk: { ...same, ...(kind && { kind }), ...(logprobs && { logprobs }) },
  }));
const chunksOf = fc.array(chunk, { maxLength: 30 }).map((all) => {
  let at = 0;
  return all.map(({ gap, chunk: one }): TraceChunk => {
    at += gap;
    return { t_ms: at, ...one };
  });
});

describe('an output object', () => {
  test('is read back as it was, with its times to the microsecond', () => {
    fc.assert(
      fc.property(chunksOf, fc.boolean(), (chunks, hasOtherText) => {
        const written = outputOf(hasOtherText ? 'another text' : contentOf(chunks), chunks);
        const read = decode(encode(written));
        expect({ ...read, trace: undefined }).toEqual({ ...written, trace: undefined });
        const untimed = (all: TraceChunk[]) => all.map(({ t_ms: _, ...rest }) => rest);
        expect(untimed(read.trace.chunks)).toEqual(untimed(chunks));
        for (const [at, { t_ms }] of chunks.entries()) {
          expect(Math.abs((read.trace.chunks[at]?.t_ms ?? Number.NaN) - t_ms)).toBeLessThanOrEqual(0.000_501);
        }
        // A decoded output is exact: encoded again it decodes to the same.
        expect(decode(encode(read))).toEqual(read);
      }),
      { numRuns: 200 },
    );
  });

  test('rounds every mark to the microsecond, an absent one stays absent', () => {
    expect(decode(encode(outputOf('', []))).trace.marks).toEqual({
      ...MARKS,
      ...{ t0_monotonic_ms: 1_000.123, tH: 140, tE: 152 },
    });
  });

  test('of a failed generation has no text and no chunks', () => {
    const failed = outputOf(null, []);
    const read = decode(encode(failed));
    expect(read.generation).toEqual(failed.generation);
    expect(read.trace.chunks).toEqual([]);
  });

  test('of calls of tools is read back with the chunks of each, and holds their arguments once', () => {
    const piece = fc.record({ call: fc.nat(3), text: fc.string({ minLength: 1, maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (pieces, inTurn) => {
        const ordered = inTurn ? pieces.toSorted((a, b) => a.call - b.call) : pieces;
        const chunks = ordered.map(
          ({ call, text }, at): TraceChunk => ({ t_ms: at, text, tokens: null, kind: 'tool', call }),
        );
        const tool_calls = [0, 1, 2, 3].map((place) => ({
          id: `call_${place}`,
          type: 'function' as const,
          function: {
            name: 'look_up',
            arguments: pieces.flatMap(({ call, text }) => (call === place ? text : [])).join(''),
          },
        }));
        const written = {
          ...outputOf('', chunks),
          generation: makeGeneration({ text: '', tool_calls, finish_reason: 'tool_calls' }),
        };
        const json = encode(written);
        const read = decode(json);
        expect(read.generation).toEqual(written.generation);
        expect(read.trace.chunks).toEqual(chunks);
        if (inTurn) expect(JSON.parse(json).trace.texts).toEqual({});
      }),
    );
  });

  test('split amid a character keeps both halves', () => {
    const chunks = ['a\ud83d', '\ude80b'].map((text, at): TraceChunk => ({ t_ms: at, text, tokens: null }));
    expect(decode(encode(outputOf('a🚀b', chunks))).trace.chunks).toEqual(chunks);
  });

  test('of version 1, which held the trace as the API returns it, is still read', () => {
    const { run_id, generation, trace } = makeOutput(RUN, makeGeneration());
    const json = JSON.stringify({ schema_version: 1, run_id, generation, trace });
    expect(decode(json)).toEqual({ run_id, generation, trace });
    expect(decodeText(json)).toBe(generation.text);
  });

  test('of before there were bounds of uncertainty has unknown ones', () => {
    const generation = makeGeneration();
    if (!generation.timing) throw new Error('a completed generation has its times');
    const { uncertainty_ms, uncertain, ...timing } = generation.timing;
    const earlier = { ...generation, timing };
    const json = JSON.stringify({
      schema_version: 1,
      run_id: RUN,
      generation: earlier,
      trace: { chunks: [] },
    });
    expect(decode(json).generation.timing).toEqual({ ...timing, uncertainty_ms: null, uncertain: [] });
  });

  test.each([4, null, '2'])('of version %j is refused with that version named', (schema_version) => {
    expect(() => decode(JSON.stringify({ schema_version }))).toThrow(`version ${schema_version} `);
  });

  test.each([
    [10, 4],
    [150, 90],
  ])('of 10,000 tokens, one about every %i ms, has less than 150 KB', (gap, jitter) => {
    const words = [' vector', ' database', ' stores', ' embeddings', ',', ' and', '\n\n', ' Nearest'];
    let at = 0;
    const chunks = Array.from({ length: 10_000 }, (_, token): TraceChunk => {
      at += gap + ((token * 7_919) % 1_000) * (jitter / 1_000);
      return { t_ms: at, text: words[token % words.length] ?? '', tokens: 1 };
    });
    expect(Buffer.byteLength(encode(outputOf(contentOf(chunks), chunks)))).toBeLessThan(150_000);
  });
});

describe('packed integers', () => {
  test('are unpacked as they were, up to the largest safe integer', () => {
    const sizes = fc.oneof(fc.nat(127), fc.nat(20_000), fc.nat(), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(sizes), (numbers) => {
        expect(unpackIntegers(packIntegers(numbers))).toEqual(numbers);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [[], ''],
    [[0], 'AA=='],
    [[1, 2, 3], 'AQID'],
    [[127, 128, 300], 'f4ABrAI='], // 7f, 80 01, ac 02
  ])('%j are the bytes worked out by hand', (numbers, packed) => {
    expect(packIntegers(numbers)).toBe(packed);
    expect(unpackIntegers(packed)).toEqual(numbers);
  });
});
