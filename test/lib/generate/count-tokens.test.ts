import { describe, expect, test } from 'vitest';
import { makeO200kLoader } from '../../../lib/adapters/openai/o200k-tokenizer.ts';
import { makeCountTokens } from '../../../lib/generate/count-tokens.ts';
import type { TraceChunk } from '../../../lib/runs/generation.ts';
import { makeGeneration, makeTrace } from '../../factories/generation.ts';

const load = makeO200kLoader();
const countTokens = makeCountTokens(load);
const TEXTS = ['Vector', ' databases', ' store embeddings', '.'];

/** An output whose chunks came 10 ms apart; only the usage reports its five tokens. */
const outputOf = ({
  texts = TEXTS,
  model = 'gpt-6-luna-2026-10-01',
  tokens = 5,
  reasoning = 0,
  kind,
}: {
  texts?: string[];
  model?: string;
  tokens?: number | null;
  reasoning?: number;
  kind?: TraceChunk['kind'];
} = {}) => {
  const text = texts.join('');
  const generation = makeGeneration({
    text,
    model,
    usage: { prompt_tokens: 9, completion_tokens: tokens, reasoning_tokens: reasoning, cached_tokens: 0 },
  });
  const chunks = texts.map((own, at): TraceChunk => ({ t_ms: 100 + at * 10, text: own, tokens: null }));
  if (kind && chunks[0]) chunks[0].kind = kind;
  return { generation, trace: { ...makeTrace(text), chunks } };
};

describe('chunk tokens that the server did not report', () => {
  test('are counted by the tokenizer of the model, and give inter-token latencies', async () => {
    const output = outputOf();
    const counted = await countTokens(output);
    expect(counted?.trace.chunks.map(({ tokens }) => tokens)).toEqual([1, 1, 2, 1]);
    expect(counted?.generation.timing).toMatchObject({
      token_count_source: 'tokenizer',
      itl_ms: { n: 4, min: 5, p50: 7.5, max: 10 }, // 10, 5, 5, 10
    });
    expect(counted?.generation).toEqual({
      ...output.generation,
      timing: { ...output.generation.timing, token_count_source: 'tokenizer', itl_ms: expect.anything() },
    });
  });

  test('are counted when the usage also has hidden reasoning', async () => {
    const counted = await countTokens(outputOf({ tokens: 105, reasoning: 100 }));
    expect(counted?.trace.chunks.map(({ tokens }) => tokens)).toEqual([1, 1, 2, 1]);
  });

  test.each([
    ['the server counts another number of tokens', { tokens: 6 }],
    ['the server counts none', { tokens: null }],
    ['the model is of another family', { model: 'llama-3' }],
    ['a chunk ends amid a token', { texts: ['Vec', 'tor', ' databases', ' store embeddings', '.'] }],
    ['some of it is streamed reasoning', { kind: 'reasoning' as const }],
    ['the text has no end of letters', { texts: ['a', 'b'.repeat(5_000)], tokens: 700 }],
  ])('stay unknown if %s', async (_, change) => {
    expect(await countTokens(outputOf(change))).toBeUndefined();
  });

  test('stay unknown if no tokenizer is installed', async () => {
    expect(await makeCountTokens(async () => undefined)(outputOf())).toBeUndefined();
  });

  test('are not counted again once known, and no tokenizer is loaded', async () => {
    const output = outputOf();
    const counted = output.trace.chunks.map((chunk) => ({ ...chunk, tokens: 1 }));
    const count = makeCountTokens(() => {
      throw new Error('it was loaded');
    });
    expect(await count({ ...output, trace: { ...output.trace, chunks: counted } })).toBeUndefined();
    const failed = { generation: makeGeneration({ text: null }), trace: makeTrace(null) };
    expect(await count(failed)).toBeUndefined();
  });
});
