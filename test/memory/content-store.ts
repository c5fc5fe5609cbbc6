import { createHash } from 'node:crypto';
import { NotFoundError, UpstreamError } from '../../lib/errors.ts';
import type { ReadSource } from '../../lib/prompts/intake-file.ts';
import type { ContentStore } from '../../lib/runs/ports.ts';

export const etagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Objects in a map, with their bytes as S3 would keep them. */
export const makeMemoryContent = (): ContentStore & {
  objects: Map<string, Buffer>;
  readSource: ReadSource;
  /** Keys that may not be read. */
  forbidden: Set<string>;
} => {
  const objects = new Map<string, Buffer>();
  const forbidden = new Set<string>();
  return {
    objects,
    forbidden,
    put: async (key, body) => {
      objects.set(key, Buffer.from(body));
    },
    get: async (key, range) => {
      const bytes = objects.get(key);
      if (!bytes) throw new NotFoundError(`no object ${key}`, { code: 'missing_object', retryable: true });
      return (range ? bytes.subarray(range.start, range.end) : bytes).toString();
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)),
    delete: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
    readSource: async (key, etag) => {
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
      return bytes;
    },
  };
};
