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

/** Counts the tokens of each chunk when the server did not report them; `undefined`: they stay unknown. */
export type CountTokens = (output: Output) => Promise<Output | undefined>;

/** Loads a tokenizer by its name; `undefined`: it is not installed. */
type LoadTokenizer = (name: TokenizerName) => Promise<Tokenizer | undefined>;

/**
 * Counts the tokens of each chunk with the tokenizer of the model's family. It tokenizes the whole text once and aligns
 * token borders with chunk borders. The result is used only if the total equals the server's usage (visible tokens)
 * and the borders align; otherwise the counts stay unknown. They also stay unknown for streams with more than content,
 * such as reasoning. Call it only when no stream is in progress: loading a tokenizer blocks the event loop.
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

/** Whether a stream of content alone has chunks whose tokens are unknown. */
const isUncounted = (chunks: readonly TraceChunk[]): boolean =>
  chunks.some(({ tokens }) => tokens === null) && chunks.every(({ kind }) => kind === undefined);
