import { createHash } from 'node:crypto';
import { seededRandom } from '../../../local/model/random.ts';
import { WORDS } from './prompt-lines.ts';

/** The size of the vectors of OpenAI's small embedding model, and of the index of the local stack. */
export const DIMENSIONS = 1536;

const randomOf = (text: string) => seededRandom(createHash('sha256').update(text).digest().readUIntBE(0, 6));

/** So many words, each with a space before it. Equal texts draw equal words. */
export const drawnWords = (text: string, count: number): string[] => {
  const random = randomOf(text);
  return Array.from({ length: count }, () => ` ${WORDS[Math.floor(random() * WORDS.length)]}`);
};

/** A vector of length 1 without zeros, as embeddings are. Equal texts draw equal vectors. */
export const drawnVector = (text: string, dimensions = DIMENSIONS): Float32Array => {
  const random = randomOf(text);
  const values = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
};
