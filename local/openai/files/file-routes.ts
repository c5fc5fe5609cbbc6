import { pipeline } from 'node:stream/promises';
import type { Entry } from '../routes.ts';
import { readUpload } from './read-upload.ts';
import { nowSeconds, type StoredFiles } from './stored-files.ts';

/** OpenAI's files, for batches. */
export const fileEntries = (files: StoredFiles): Entry[] => [
  {
    method: 'POST',
    path: /^\/v1\/files$/,
    async handle({ request }) {
      const { bytes, filename, purpose, seconds } = await readUpload(request);
      return files.add(bytes, {
        filename,
        purpose,
        ...(seconds === undefined ? {} : { expires_at: nowSeconds() + seconds }),
      });
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/files$/,
    handle: async () => ({ object: 'list', data: files.list(), has_more: false }),
  },
  { method: 'GET', path: /^\/v1\/files\/([^/]+)$/, handle: async (_, id) => files.get(id) },
  {
    method: 'DELETE',
    path: /^\/v1\/files\/([^/]+)$/,
    async handle(_, id) {
      files.delete(id);
      return { id, object: 'file', deleted: true };
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/files\/([^/]+)\/content$/,
    async handle({ response }, id) {
      const { bytes } = files.get(id);
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
      await pipeline(files.open(id), response);
      return undefined;
    },
  },
];
