import { batchesUpTo } from '../async/in-batches.ts';
import { InvalidInputError, UpstreamError } from '../errors.ts';
import type { Embedder } from '../vectors/ports.ts';

/**
 * OpenAI's limits on one request: 2,048 texts and 300,000 tokens
 * (https://platform.openai.com/docs/api-reference/embeddings/create). A token has at least one byte, so the bytes are
 * an upper bound of the tokens.
 */
const LIMITS = { maxItems: 2_048, maxBytes: 300_000, bytesOf: (text: string) => Buffer.byteLength(text) };

/** A text that every model embeds: if it is refused too, or its vector is invalid, the fault is not in a text. */
export const HARMLESS_TEXT = 'text';

/** A text's vector, or the error that left it without one. */
type Embedded =
  | { vector: Float32Array; error?: undefined }
  | { vector?: undefined; error: InvalidInputError | UpstreamError };

/** `tokens` is the service's count, null when it gives none. `requests` counts all requests, refused ones included. */
export type EmbeddedTexts = { embedded: Embedded[]; tokens: number | null; requests: number };

/**
 * Embeds many texts, in order and in as few requests as the limits allow; equal texts are sent once. A text alone gets
 * an error when it is blank, when the service refuses it, or when its vector has the wrong dimension, is not finite or
 * is all zeros. A refused request is bisected to find the text at fault.
 *
 * @throws The embedder's error when it concerns all texts: the service is down or limits the rate, the key is wrong, or
 *   even a harmless text is refused or gets an invalid vector.
 *
 * @example
 * const { embedded, tokens } = await embedTexts(['a text', ' '], embedder);
 * embedded[1]?.error?.code; // 'blank_text'
 */
export const embedTexts = async (
  texts: string[],
  embedder: Embedder,
  { signal }: { signal?: AbortSignal } = {},
): Promise<EmbeddedTexts> => {
  const outcomes = new Map<string, Embedded>();
  const sent = { tokens: 0 as number | null, requests: 0 };
  const request = async (batch: string[]) => {
    sent.requests += 1;
    const { vectors, tokens } = await embedder.embed(batch, signal);
    if (vectors.length !== batch.length) {
      throw new UpstreamError('embeddings', `${batch.length} texts gave ${vectors.length} vectors`, {
        code: 'invalid_embedding',
      });
    }
    sent.tokens = sent.tokens === null || tokens === null ? null : sent.tokens + tokens;
    return vectors;
  };
  let harmless: Promise<Embedded> | undefined;
  const requireService = async (): Promise<void> => {
    harmless ??= request([HARMLESS_TEXT]).then(([vector]) => checked(vector, embedder));
    const { error } = await harmless;
    if (error) throw error;
  };
  const settle = async (batch: string[]): Promise<void> => {
    try {
      const vectors = await request(batch);
      for (const [at, text] of batch.entries()) outcomes.set(text, checked(vectors[at], embedder));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await requireService();
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) {
        outcomes.set(only, { error });
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await settle(batch.slice(0, middle));
      await settle(batch.slice(middle));
    }
  };

  const unique = [...new Set(texts)];
  for (const text of unique) {
    if (text.trim() === '') {
      const error = new InvalidInputError([{ path: '', message: 'a blank text has no embedding' }], {
        code: 'blank_text',
      });
      outcomes.set(text, { error });
    }
  }
  const sendable = unique.filter((text) => !outcomes.has(text));
  for (const batch of batchesUpTo(sendable, LIMITS)) await settle(batch);
  if (sendable.some((text) => outcomes.get(text)?.error)) await requireService();
  return { embedded: texts.map((text) => outcomes.get(text) ?? checked(undefined, embedder)), ...sent };
};

/** Whether a service refused what it was sent: a 4xx that a text, a vector or its metadata can have caused. */
export const isRefusal = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError && (error.status === 400 || error.status === 413 || error.status === 422);

/** A vector, or the error of one that is missing or cannot be used. */
export const checked = (
  vector: Float32Array | undefined,
  { dimensions }: Pick<Embedder, 'dimensions'>,
): Embedded => {
  const problem =
    vector?.length !== dimensions
      ? `a vector of ${vector?.length ?? 0} dimensions instead of ${dimensions}`
      : !vector.every(Number.isFinite)
        ? 'a vector with a value that is not a number'
        : vector.every((value) => value === 0)
          ? 'a vector of zeros, which has no direction'
          : undefined;
  return vector && problem === undefined
    ? { vector }
    : {
        error: new UpstreamError('embeddings', `the model gave ${problem}`, {
          code: 'invalid_embedding',
          retryable: false,
        }),
      };
};
