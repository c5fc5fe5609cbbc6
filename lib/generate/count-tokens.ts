import type { Generation, Trace, TraceChunk } from '../runs/generation.ts';
import { interTokenLatenciesMs } from '../timing/figures.ts';
import { spreadOf } from '../timing/spread.ts';
import {
  streamedTokens,
  type Tokenizer,
  type TokenizerName,
  tokenizerOf,
  tokensByBorders,
} from '../timing/token-counts.ts';

type Output = { generation: Generation; trace: Trace };

/** Finds the tokens of each chunk where the server did not tell them; `undefined` where they stay unknown. */
export type CountTokens = (output: Output) => Promise<Output | undefined>;

/** Loads a tokenizer by its name; `undefined` where it is not installed. */
type LoadTokenizer = (name: TokenizerName) => Promise<Tokenizer | undefined>;

/**
 * Counts the tokens of each chunk with the tokenizer of the model's family: the whole text once, its token borders set
 * against the chunks'. Taken only where the count is that of the server's usage (visible tokens) and the borders fit;
 * anything else stays unknown, and so do streams that hold more than content. Call it when no stream is under way:
 * loading a tokenizer would hold up the reading of all.
 */
export const makeCountTokens =
  (load: LoadTokenizer): CountTokens =>
  async ({ generation, trace }) => {
    const { timing, usage, text, model } = generation;
    const name = tokenizerOf(model);
    const streamed = streamedTokens(usage, false);
    if (!timing || text === null || name === undefined || streamed === null) return undefined;
    if (!isUncounted(trace.chunks) || streamed < trace.chunks.length) return undefined;
    const tokenBytes = (await load(name))?.(text);
    if (tokenBytes?.length !== streamed) return undefined;
    const counts = tokensByBorders(
      trace.chunks.map((chunk) => chunk.text),
      tokenBytes,
    );
    if (counts === null) return undefined;
    const chunks = trace.chunks.map((chunk, at) => ({ ...chunk, tokens: counts[at] ?? null }));
    const itl = interTokenLatenciesMs(chunks);
    return {
      generation: {
        ...generation,
        timing: {
          ...timing,
          itl_ms: itl === null ? null : spreadOf(itl),
          token_count_source: 'tokenizer',
        },
      },
      trace: { ...trace, chunks },
    };
  };

/** Whether some chunk's tokens are unknown in a stream of nothing but content. */
const isUncounted = (chunks: readonly TraceChunk[]): boolean =>
  chunks.some(({ tokens }) => tokens === null) && chunks.every(({ kind }) => kind === undefined);
