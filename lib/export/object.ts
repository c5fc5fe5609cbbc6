import type { PartedUploads } from '../runs/ports.ts';

/** A writer's checkpoint, as plain JSON: the parts uploaded so far, and in base64 the bytes that wait for the next one. */
export type PartState = { uploadId: string | null; etags: string[]; tail: string; bytes: number };

export const NO_PARTS: PartState = { uploadId: null, etags: [], tail: '', bytes: 0 };

/**
 * Writes an object of bytes in parts. It does not exist before `end`. A writer that begins at a checkpoint goes on there:
 * parts that were uploaded after it are uploaded again.
 */
export const makePartWriter = (
  { key, contentType, partBytes }: { key: string; contentType: string; partBytes: number },
  content: PartedUploads,
  from: PartState,
) => {
  let { uploadId, bytes } = from;
  const etags = [...from.etags];
  let waiting: Uint8Array[] = from.tail === '' ? [] : [Buffer.from(from.tail, 'base64')];
  let waitingBytes = waiting[0]?.byteLength ?? 0;

  const putPart = async (): Promise<void> => {
    uploadId ??= await content.createUpload(key, contentType);
    etags.push(await content.putPart(key, uploadId, etags.length + 1, Buffer.concat(waiting)));
    waiting = [];
    waitingBytes = 0;
  };

  return {
    write: async (piece: Uint8Array): Promise<void> => {
      if (piece.byteLength === 0) return;
      waiting.push(piece);
      waitingBytes += piece.byteLength;
      bytes += piece.byteLength;
      if (waitingBytes >= partBytes) await putPart();
    },
    /** The number of parts uploaded so far; each new one is worth a checkpoint. */
    parts: (): number => etags.length,
    bytes: (): number => bytes,
    state: (): PartState => ({
      uploadId,
      etags: [...etags],
      tail: Buffer.concat(waiting).toString('base64'),
      bytes,
    }),
    end: async (): Promise<void> => {
      // An object without content has one empty part.
      if (waitingBytes > 0 || etags.length === 0) await putPart();
      if (uploadId !== null) await content.completeUpload(key, uploadId, etags);
    },
  };
};
