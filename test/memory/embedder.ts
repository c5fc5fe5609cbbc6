import { createHash } from 'node:crypto';
import { UpstreamError } from '../../lib/errors.ts';
import type { Embedder, InputEmbedder } from '../../lib/vectors/ports.ts';

/**
 * A small real embedder: each word adds one signed bucket, so that texts that share words are similar. Refuses a
 * request with a blank text as OpenAI does. `requests` are the texts of each request, for tests that count them.
 */
export const makeMemoryEmbedder = ({
  model = 'bag-of-words',
  dimensions = 64,
  refuses = (_text: string) => false,
}: {
  model?: string;
  dimensions?: number;
  refuses?: (text: string) => boolean;
} = {}): Embedder & InputEmbedder & { requests: string[][] } => {
  const requests: string[][] = [];
  const embed = async (texts: string[], size: number) => {
    requests.push([...texts]);
    if (texts.some((text) => text.trim() === '' || refuses(text))) {
      throw new UpstreamError('embeddings', 'the embeddings server answered 400', {
        retryable: false,
        status: 400,
      });
    }
    const words = texts.map((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]);
    return { vectors: words.map((each) => bagOfWords(each, size)), tokens: words.flat().length };
  };
  return {
    model,
    dimensions,
    requests,
    embed: (texts) => embed(texts, dimensions),
    embedInputs: (inputs, { dimensions: size = dimensions, around } = {}) => {
      const send = () =>
        embed(
          inputs.map((input) => (typeof input === 'string' ? input : input.join(' '))),
          size,
        );
      return around ? around(send) : send();
    },
  };
};

const bagOfWords = (words: string[], dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const word of words) {
    const hash = createHash('sha256').update(word).digest();
    const bucket = hash.readUInt32LE(0) % dimensions;
    vector[bucket] = (vector[bucket] ?? 0) + ((hash[4] ?? 0) % 2 === 0 ? 1 : -1);
  }
  // Words can cancel each other out, but a vector needs a direction.
  if (vector.every((value) => value === 0)) vector[0] = 1;
  return vector;
};
