import type { Tokenizer } from '../../timing/token-counts.ts';

type Encoding = typeof import('gpt-tokenizer/encoding/o200k_base');
type Ranks = typeof import('gpt-tokenizer/bpeRanks/o200k_base');

/** BPE merging is quadratic in the length of an unbroken run of letters, signs or spaces. */
const LONG_RUN = /[\p{L}\p{M}]{1000}|[^\s\p{L}\p{N}]{1000}|\s{1000}/u;
const PLAIN = { disallowedSpecial: new Set<string>() };

/** Computes the module's name, so that bundlers cannot include the 2.4 MB table in a function's package. */
const load = (name: string): Promise<unknown> =>
  import(/* @vite-ignore */ `gpt-tokenizer/${name}/o200k_base`);

/**
 * Loads OpenAI's o200k_base tokenizer once; `undefined` when the package gpt-tokenizer is not installed. Loading blocks
 * the event loop for about 0.15 s, so never load while a stream is being read. The tokenizer returns no tokens for a
 * text with an unbroken run of 1,000 characters.
 */
export const makeO200kLoader = (): (() => Promise<Tokenizer | undefined>) => {
  let loading: Promise<Tokenizer | undefined> | undefined;
  return () => (loading ??= loadO200k());
};

const loadO200k = async (): Promise<Tokenizer | undefined> => {
  try {
    const { encode } = (await load('encoding')) as Encoding;
    const { default: ranks } = (await load('bpeRanks')) as Ranks;
    return (text) => (LONG_RUN.test(text) ? [] : encode(text, PLAIN).map((token) => bytesOf(ranks[token])));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
};

const bytesOf = (token: string | readonly number[] | undefined): number =>
  typeof token === 'string' ? Buffer.byteLength(token) : (token?.length ?? 0);
