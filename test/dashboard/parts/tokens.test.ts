import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceChunk } from '../../../client/api-types.ts';
import { tintOf, tokensOf } from '../../../dashboard/parts/tokens.ts';

const logprob = (token: string, value = -0.5) => ({ token, logprob: value, bytes: null, top_logprobs: [] });

describe('the tokens of a trace', () => {
  test('are its chunks of visible text, each with the gap since the one before', () => {
    const chunks: TraceChunk[] = [
      { t_ms: 5, text: 'thinking', tokens: 1, kind: 'reasoning' },
      { t_ms: 10, text: 'A', tokens: 1 },
      { t_ms: 30, text: 'B', tokens: 1 },
    ];
    expect(tokensOf(chunks)).toEqual([
      { text: 'A', t_ms: 10, gap_ms: null },
      { text: 'B', t_ms: 30, gap_ms: 20 },
    ]);
  });

  test('of a chunk with log probabilities are its entries, all of which came at once', () => {
    const logprobs = [logprob(' two'), logprob(' words')];
    expect(
      tokensOf([
        { t_ms: 4, text: 'a', tokens: 1 },
        { t_ms: 9, text: ' two words', tokens: 2, logprobs },
      ]),
    ).toEqual([
      { text: 'a', t_ms: 4, gap_ms: null },
      { text: ' two', t_ms: 9, gap_ms: 5, logprob: logprobs[0] },
      { text: ' words', t_ms: 9, gap_ms: 0, logprob: logprobs[1] },
    ]);
  });

  test('always join to the text of the visible chunks', () => {
    const chunk = fc.record({
      t_ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
      text: fc.string({ unit: 'binary' }),
      tokens: fc.constant(null),
      logprobs: fc.option(
        fc.array(
          fc.string().map((token) => logprob(token)),
          { maxLength: 3 },
        ),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const given = chunks.map(({ logprobs, ...rest }) => ({ ...rest, ...(logprobs && { logprobs }) }));
        const joined = tokensOf(given)
          .map(({ text }) => text)
          .join('');
        expect(joined).toBe(chunks.map(({ text }) => text).join(''));
      }),
    );
  });
});

describe('the tint of a token', () => {
  test('grows with its gap and falls with its probability', () => {
    const gap = (gap_ms: number | null) => tintOf({ text: 'a', t_ms: 0, gap_ms }, 'gap');
    expect([null, 0, 24.9, 25, 120, 5_000].map(gap)).toEqual([0, 0, 0, 1, 3, 6]);
    const probability = (p: number) =>
      tintOf({ text: 'a', t_ms: 0, gap_ms: 900, logprob: logprob('a', Math.log(p)) }, 'probability');
    expect([0.95, 0.8, 0.2, 0.001].map(probability)).toEqual([0, 1, 4, 6]);
  });

  test('is none where nothing is known, or nothing is to be tinted', () => {
    expect(tintOf({ text: 'a', t_ms: 0, gap_ms: 900 }, 'probability')).toBe(0);
    expect(tintOf({ text: 'a', t_ms: 0, gap_ms: 900 }, 'none')).toBe(0);
  });
});
