import { createHash } from 'node:crypto';
import { NotFoundError, UpstreamError } from '../../lib/errors.ts';
import type { ReadSource } from '../../lib/files/read/open-records.ts';
import type { FindSource } from '../../lib/files/read/stored-source.ts';
import type { ContentStore } from '../../lib/runs/ports.ts';

export const etagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Objects in a map, as bytes like in S3. */
export const makeMemoryContent = (): ContentStore & {
  objects: Map<string, Buffer>;
  readSource: ReadSource;
  findSource: FindSource;
  /** Keys that may not be read. */
  forbidden: Set<string>;
} => {
  const objects = new Map<string, Buffer>();
  const forbidden = new Set<string>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const missing = (key: string) =>
    new NotFoundError(`no object ${key}`, { code: 'missing_object', retryable: true });
  const missingUpload = (key: string) =>
    new NotFoundError(`the upload of ${key} is not open`, { code: 'missing_upload', retryable: true });
  return {
    objects,
    forbidden,
    put: async (key, body) => {
      objects.set(key, Buffer.from(body));
    },
    copy: async (from, to) => {
      const bytes = objects.get(from);
      if (!bytes) throw missing(from);
      objects.set(to, bytes);
    },
    createUpload: async (key) => {
      const uploadId = `${uploads.size + 1} ${key}`;
      uploads.set(uploadId, new Map());
      return uploadId;
    },
    putPart: async (key, uploadId, number, body) => {
      const parts = uploads.get(uploadId);
      if (!parts) throw missingUpload(key);
      parts.set(number, Buffer.from(body));
      return etagOf(body);
    },
    completeUpload: async (key, uploadId, etags) => {
      const parts = uploads.get(uploadId);
      if (!parts) {
        if (objects.has(key)) return;
        throw missingUpload(key);
      }
      const bytes = etags.map((etag, at) => {
        const part = parts.get(at + 1);
        if (!part || etagOf(part) !== etag) throw new Error(`part ${at + 1} is another one`);
        return part;
      });
      objects.set(key, Buffer.concat(bytes));
      uploads.delete(uploadId);
    },
    get: async (key, range) => {
      const bytes = objects.get(key);
      if (!bytes) throw missing(key);
      return (range ? bytes.subarray(range.start, range.end) : bytes).toString();
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)),
    delete: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
    deleteVersion: async (key, etag) => {
      const bytes = objects.get(key);
      if (bytes && etagOf(bytes) === etag) objects.delete(key);
    },
    findSource: async (key) => {
      const bytes = objects.get(key);
      return bytes && { etag: etagOf(bytes), size: bytes.length };
    },
    readSource: async (key, etag, { start, end }) => {
      const bytes = objects.get(key);
      if (forbidden.has(key)) {
        throw new UpstreamError('s3', 'the file may not be read', {
          code: 'unreadable',
          retryable: false,
          status: 403,
        });
      }
      if (!bytes || etagOf(bytes) !== etag) {
        throw new NotFoundError('the file was deleted or replaced before it was read', {
          code: 'source_gone',
        });
      }
      return bytes.subarray(start, end);
    },
  };
};
