import { createBatch } from '../../../lib/batches/create-batch.ts';
import { createInput, findStoredFile, streamStoredFile } from '../../../lib/batches/stored-files.ts';
import { findBatch, viewBatch } from '../../../lib/batches/view-batch.ts';
import { type CreatedObject, intakeObject } from '../../../lib/files/read/intake.ts';
import { etagOf } from '../../memory/content-store.ts';
import { jsonLines, makeFileWorld } from '../files/file-world.ts';

/** A line of OpenAI's Batch API for a chat completion. */
export const chatLine = (id: string, content: string, own: Record<string, unknown> = {}) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'gpt-6-luna', messages: [{ role: 'user', content }] },
  ...own,
});

/** A line of OpenAI's Batch API for embeddings by the model of the world. */
export const embeddingsLine = (id: string, input: unknown, own: Record<string, unknown> = {}) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/embeddings',
  body: { model: 'bag-of-words', input, ...own },
});

export const request = (input_file_id: string, own: Record<string, unknown> = {}) => ({
  input_file_id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
  ...own,
});

/** A world for batches of the caller `local`. Its bucket sends no events by itself: `announce` does. */
export const makeBatchWorld = (options: Parameters<typeof makeFileWorld>[0] = {}) => {
  const world = makeFileWorld(options);
  const announced = new Set<string>();
  const eventOf = (key: string, bytes: Buffer): CreatedObject => ({
    bucket: 'content',
    key,
    etag: etagOf(bytes),
    size: bytes.length,
    sequencer: '0055AED6DCD90281E5',
  });
  const announce = async (): Promise<void> => {
    for (const [key, bytes] of world.content.objects) {
      if (!key.startsWith('prompts/') || announced.has(key)) continue;
      announced.add(key);
      await intakeObject(eventOf(key, bytes), world.deps);
    }
  };
  return {
    ...world,
    announce,
    upload: async (lines: unknown[], caller = 'local'): Promise<string> =>
      (await createInput({ filename: 'lines.jsonl', text: jsonLines(...lines) }, caller, world.deps)).id,
    create: async (body: unknown, by: { caller?: string; idempotencyKey?: string } = {}) =>
      viewBatch((await createBatch(body, { caller: 'local', ...by }, world.deps)).file, world.deps),
    /** Processes all messages, and those of the bucket. */
    finish: async (): Promise<void> => {
      await announce();
      await world.work();
    },
    read: async (id: string, caller = 'local') =>
      viewBatch(await findBatch(id, caller, world.deps), world.deps),
    rowsOf: async (fileId: string | null, caller = 'local') => {
      const chunks: Uint8Array[] = [];
      const file = await findStoredFile(fileId ?? '', caller, world.deps);
      for await (const chunk of streamStoredFile(file, world.deps)) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString().trimEnd();
      return text === '' ? [] : text.split('\n').map((row) => JSON.parse(row));
    },
  };
};
