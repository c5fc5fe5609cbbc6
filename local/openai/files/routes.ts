import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { ApiError, missing, wrongValue } from '../api-error.ts';
import { type Env, readBytes } from '../call.ts';
import { pageOf } from '../page.ts';
import { nowSeconds, type StoredFiles } from './stored-files.ts';

/** The routes of OpenAI's Files API, for batches only. */
export const fileRoutes = (files: StoredFiles): Hono<Env> =>
  new Hono<Env>()
    .post('/v1/files', async (c) => {
      const { bytes, seconds, ...own } = await readUpload(c.env.incoming);
      const expiry = seconds === undefined ? {} : { expires_at: nowSeconds() + seconds };
      return c.json(files.add(bytes, { ...own, ...expiry }));
    })
    .get('/v1/files', (c) => c.json(pageOf(files.list(), c.req.query(), { limit: MAX_LIST, most: MAX_LIST })))
    .get('/v1/files/:id', (c) => c.json(files.get(c.req.param('id'))))
    .delete('/v1/files/:id', (c) => {
      const id = c.req.param('id');
      files.delete(id);
      return c.json({ id, object: 'file', deleted: true });
    })
    .get('/v1/files/:id/content', async (c) => {
      const id = c.req.param('id');
      const { bytes } = files.get(id);
      c.env.outgoing.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
      await pipeline(files.open(id), c.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });

const MAX_LIST = 10_000;

const MAX_UPLOAD_BYTES = 200 * 1024 * 1024;

const MAX_EXPIRY_SECONDS = 2_592_000;

type Upload = { bytes: Uint8Array; filename: string; purpose: 'batch'; seconds: number | undefined };

/**
 * Reads the multipart form of `POST /v1/files`.
 *
 * @throws {ApiError} 400 when it is not a valid form, 413 when it is larger than 200 MiB.
 */
const readUpload = async (request: IncomingMessage): Promise<Upload> => {
  const form = await readForm(request);
  const purpose = form.get('purpose');
  if (purpose === null) throw missing('purpose');
  if (purpose !== 'batch')
    throw wrongValue('purpose', "Invalid value for 'purpose': this server takes only 'batch'.");
  const file = form.get('file');
  if (!(file instanceof Blob)) throw missing('file');
  return {
    bytes: new Uint8Array(await file.arrayBuffer()),
    filename: file.name,
    purpose,
    seconds: secondsOf(form.get('expires_after[seconds]')),
  };
};

const readForm = async (request: IncomingMessage): Promise<FormData> => {
  const bytes = await readBytes(request, MAX_UPLOAD_BYTES, 'upload');
  try {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    return await new Response(bytes, { headers }).formData();
  } catch {
    throw new ApiError(400, 'The body of the request is not a valid multipart form.');
  }
};

const secondsOf = (value: string | File | null): number | undefined => {
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isInteger(seconds) && seconds >= 3600 && seconds <= MAX_EXPIRY_SECONDS) return seconds;
  throw wrongValue(
    'expires_after.seconds',
    `Invalid 'expires_after.seconds': must be between 3600 and ${MAX_EXPIRY_SECONDS}.`,
  );
};
