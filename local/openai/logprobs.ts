import type { Scored, ScoredToken } from '../model/generate.ts';
import type { Ngram } from '../model/ngram.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A token as text; bytes that are no whole characters come as escapes, as OpenAI shows them. */
const shown = (bytes: Uint8Array, prefix: string): string => {
  try {
    return strict.decode(bytes);
  } catch {
    return prefix + Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  }
};

const endOfText = '<|endoftext|>';

const chatEntry = ({ bytes, end }: Ngram, { id, logprob }: Scored) =>
  id === end
    ? { token: endOfText, logprob, bytes: null }
    : {
        token: shown(bytes[id] ?? new Uint8Array(), ''),
        logprob,
        bytes: Array.from(bytes[id] ?? []),
      };

/** `choices[].logprobs` of chat completions. */
export const chatLogprobs = (model: Ngram, tokens: readonly ScoredToken[]) => ({
  content: tokens.map((token) => ({
    ...chatEntry(model, token),
    top_logprobs: token.top.map((scored) => chatEntry(model, scored)),
  })),
  refusal: null,
});

/**
 * `choices[].logprobs` of plain completions: the sampled token is among its `top_logprobs` even if it is less likely;
 * `text_offset` counts from the start of the output. Without alternatives asked for, `top_logprobs` is null.
 */
export const plainLogprobs = (model: Ngram, tokens: readonly ScoredToken[], asked: number) => {
  const name = (id: number): string =>
    id === model.end ? endOfText : shown(model.bytes[id] ?? new Uint8Array(), 'bytes:');
  return {
    tokens: tokens.map(({ id }) => name(id)),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs:
      asked === 0
        ? null
        : tokens.map((token) =>
            Object.fromEntries([...token.top, token].map(({ id, logprob }) => [name(id), logprob])),
          ),
    text_offset: tokens.map(({ offset }) => offset),
  };
};
