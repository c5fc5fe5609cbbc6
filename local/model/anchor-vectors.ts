import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Topic } from './topics.ts';

export type Embed = (text: string) => Promise<Float32Array>;

/** Change this when the same anchors get other vectors, because the encoder or its windows changed. */
const VERSION = 'use-lite-1';

const readCached = async (file: string, count: number): Promise<Float32Array[] | undefined> => {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined || bytes.byteLength === 0 || bytes.byteLength % (4 * count) !== 0) return undefined;
  const values = new Float32Array(new Uint8Array(bytes).buffer);
  const length = values.length / count;
  return Array.from({ length: count }, (_, at) => values.subarray(at * length, (at + 1) * length));
};

const writeCached = async (folder: string, file: string, vectors: readonly Float32Array[]): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(
    unfinished,
    Buffer.concat(
      vectors.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
    ),
  );
  await rename(unfinished, file);
};

/**
 * The vectors of the topics' anchors, in order. `folder` caches them under a hash of the anchors, so changed anchors
 * are embedded again. A folder that cannot be written costs only the time of embedding.
 */
export const anchorVectors = async (
  topics: readonly Topic[],
  embed: Embed,
  folder?: string,
): Promise<Float32Array[]> => {
  const anchors = topics.map(({ anchor }) => anchor);
  const hash = createHash('sha256')
    .update(JSON.stringify([VERSION, anchors]))
    .digest('hex');
  const file = folder === undefined ? undefined : join(folder, `anchors-${hash}.f32`);
  const cached = file === undefined ? undefined : await readCached(file, anchors.length);
  if (cached) return cached;
  const vectors = await Promise.all(anchors.map((anchor) => embed(anchor)));
  if (folder !== undefined && file !== undefined)
    await writeCached(folder, file, vectors).catch(() => undefined);
  return vectors;
};
