import { InvalidInputError } from '../../../errors.ts';
import { readBytes } from '../../read-request.ts';

/**
 * Bytes of a form. Lambda's event holds 6 MB, in which the gateway writes the form in base64: 5.6 MB for these.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_FORM_BYTES = 4 * 1024 * 1024;

const LARGER =
  '; for a larger file send its name and size to POST /files with "purpose": "batch", then PUT its bytes to the URL in the answer: its id is an input_file_id';

const PURPOSE = 'must be "batch": files are the input of batches alone here';

/**
 * Reads the form of POST /v1/files.
 *
 * @throws {InvalidInputError} `unsupported_media_type` unless it is multipart/form-data; `body_too_large` above
 *   `MAX_FORM_BYTES`; else naming every wrong or unknown field.
 */
export const readUploadForm = async (request: Request): Promise<{ filename: string; text: string }> => {
  const type = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(type)) throw refused('', NO_FORM, 'unsupported_media_type');
  const form = await formOf(await readBytes(request, MAX_FORM_BYTES, LARGER), type);
  const [file, ...otherFiles] = form.getAll('file');
  const [purpose = null, ...otherPurposes] = form.getAll('purpose');
  const unknown = [...form.keys()].filter((name) => name !== 'file' && name !== 'purpose').map(cleared);
  const issues = [...new Set(unknown)].map((path) => ({ path, message: refusalOf(path) }));
  if (purpose !== 'batch')
    issues.push({ path: 'purpose', message: purpose === null ? `is missing; it ${PURPOSE}` : PURPOSE });
  if (!(file instanceof File)) issues.push({ path: 'file', message: 'is missing, or has no file name' });
  if (otherPurposes.length > 0) issues.push({ path: 'purpose', message: 'is given twice; give it once' });
  if (otherFiles.length > 0) issues.push({ path: 'file', message: 'is given twice; give it once' });
  if (issues.length > 0 || !(file instanceof File)) throw new InvalidInputError(issues);
  return { filename: file.name, text: await textOf(file) };
};

const NO_FORM = 'the content type must be multipart/form-data with a boundary';

const refused = (path: string, message: string, code?: string): InvalidInputError =>
  new InvalidInputError([{ path, message }], code === undefined ? {} : { code });

const formOf = async (bytes: Buffer<ArrayBufferLike>, type: string): Promise<FormData> => {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  } catch {
    throw refused('', 'the body is not a valid form of multipart/form-data');
  }
};

/** OpenAI's SDKs send an object's fields with brackets: `expires_after[anchor]`. */
const cleared = (name: string): string => name.replace(/\[.*$/s, '');

const refusalOf = (name: string): string =>
  name === 'expires_after'
    ? 'is not supported: a file is kept until it is deleted, or for the days of RETENTION_DAYS'
    : 'is not a known field';

const textOf = async (file: File): Promise<string> => {
  try {
    // With a byte order mark, if there is one: the file is stored as it is.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    throw refused('file', 'must be JSON lines in UTF-8');
  }
};
