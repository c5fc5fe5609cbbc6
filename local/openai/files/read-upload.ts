import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api-error.ts';
import { missing, wrongValue } from '../parameters.ts';

const MOST_BYTES = 200 * 1024 * 1024;
const MOST_SECONDS = 2_592_000;

export type Upload = { bytes: Uint8Array; filename: string; purpose: 'batch'; seconds: number | undefined };

/** The multipart form of POST /v1/files. Throws ApiError for a form that is none, lacks something or is too large. */
export const readUpload = async (request: IncomingMessage): Promise<Upload> => {
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

const secondsOf = (value: string | File | null): number | undefined => {
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isInteger(seconds) && seconds >= 3600 && seconds <= MOST_SECONDS) return seconds;
  throw wrongValue(
    'expires_after.seconds',
    `Invalid 'expires_after.seconds': must be between 3600 and ${MOST_SECONDS}.`,
  );
};

const readForm = async (request: IncomingMessage): Promise<FormData> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new ApiError(413, `The upload is larger than ${MOST_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    return await new Response(Buffer.concat(chunks), { headers }).formData();
  } catch {
    throw new ApiError(400, 'The body of the request is not a valid multipart form.');
  }
};
