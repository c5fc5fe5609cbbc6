import { InvalidInputError } from '../../../../lib/errors.ts';
import { isRunField } from '../../../../lib/files/formats/csv-fields.ts';
import { readRecords } from '../../../../lib/files/formats/read-records.ts';
import type { FileDefaults } from '../../../../lib/files/formats/source-record.ts';
import { jsonBytes } from '../../../../lib/json/value.ts';
import { namesIn } from '../../../../lib/runs/template.ts';
import { closest } from '../../../closest.ts';
import { CommandError } from '../../../command.ts';
import type { LocalFile } from './local-file.ts';

/** The beginning of a file, in whole records. */
export type Beginning = {
  content: string;
  /** The part of the file that it is: 1 for all of it. */
  share: number;
  /** A likely mistake, in words. */
  warning?: string;
};

/** The API takes 1 MiB of JSON; less is read, for the rest of the request. */
const MAX_JSON_BYTES = 1024 * 1024 - 8 * 1024;
const MAX_BYTES = 768 * 1024;

/**
 * Reads as much of a file as an estimate takes, and checks that the template asks for nothing that the table lacks.
 *
 * @throws {CommandError} naming each missing column, or why the file cannot be read as prompts
 */
export const readBeginning = async (
  file: LocalFile,
  defaults: FileDefaults,
  max = MAX_BYTES,
): Promise<Beginning> => {
  if (file.format === 'json' && file.size > max) return someOfList(file, max);
  const isWhole = file.size <= max;
  const bytes = await bytesOf(file.content.slice(0, max), isWhole);
  const { head, records } = await openRecords(file, bytes, defaults);
  const warning = head.columns ? checkColumns(defaults, head.columns, file.path) : undefined;
  let end = bytes.length;
  if (isWhole) await records.return(undefined);
  else {
    // The last record may go on behind the part that was read.
    const ends: number[] = [];
    try {
      for await (const record of records) ends.push(record.end);
    } catch (error) {
      if (!(error instanceof InvalidInputError) || ends.length > 0) throw error;
      throw new CommandError(`${file.path}: the first row has over ${max} bytes; no estimate is possible`, {
        cause: error,
      });
    }
    end = ends.at(-2) ?? end;
  }
  const content = new TextDecoder().decode(bytes.subarray(0, end));
  if (jsonBytes(content) + jsonBytes(defaults) > MAX_JSON_BYTES && max > 1024)
    return readBeginning(file, defaults, Math.min(max, file.size) / 2);
  return { content, share: end / file.size, ...(warning !== undefined && { warning }) };
};

const openRecords = async ({ format, path }: LocalFile, bytes: Uint8Array, sidecar: FileDefaults) => {
  try {
    return await readRecords(chunksOf(bytes), { format, sidecar });
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const message = error.message.replace(/give one in defaults, such as.*$/, NO_TEMPLATE);
    throw new CommandError(`${path}: ${message}`, { cause: error });
  }
};

const NO_TEMPLATE = 'name a column prompt, or give a --template';

/** A part ends behind a line break, so that no character is cut. */
const bytesOf = async (part: Blob, isWhole: boolean): Promise<Uint8Array> => {
  const bytes = new Uint8Array(await part.arrayBuffer());
  if (isWhole) return bytes;
  const end = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d)) + 1;
  if (end === 0)
    throw new CommandError(`the first line has over ${bytes.length} bytes; no estimate is possible`);
  return bytes.subarray(0, end);
};

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The first requests of a list in JSON, which has 16 MiB at most and is read whole by the API, too. */
const someOfList = async ({ content, path }: LocalFile, max: number): Promise<Beginning> => {
  let list: unknown;
  try {
    list = JSON.parse(await content.text());
  } catch (cause) {
    throw new CommandError(`${path} is not valid JSON: ${(cause as Error).message}; correct it`, { cause });
  }
  if (!Array.isArray(list) || list.length === 0)
    throw new CommandError(`${path} holds no list of requests; a request has less than ${max} bytes`);
  const some: unknown[] = [];
  let bytes = 0;
  for (const request of list) {
    bytes += jsonBytes(JSON.stringify(request)) + 2;
    if (bytes > max && some.length > 0) break;
    some.push(request);
  }
  return { content: JSON.stringify(some), share: some.length / list.length };
};

const MAX_SHOWN = 20;

const checkColumns = (
  { request }: FileDefaults,
  columns: readonly string[],
  path: string,
): string | undefined => {
  const isPrompt = (column: string) => isRunField(column, ['prompt']);
  const own = columns.filter((column) => !isRunField(column));
  const known = new Set([...own, ...(columns.some(isPrompt) ? ['prompt'] : [])]);
  const faults = [...namesIn(request)]
    .filter((name) => !known.has(name))
    .map((name) => {
      if (columns.includes(name))
        return `{{${name}}}, but the column ${name} sets the field of a run; rename it`;
      const meant = closest(name, [...known]);
      return meant === undefined ? `{{${name}}}` : `{{${name}}} (did you mean {{${meant}}}?)`;
    });
  if (faults.length === 0) {
    const isIgnored = known.has('prompt') && !namesIn(request).has('prompt') && request.prompt !== undefined;
    return isIgnored
      ? `${path} has a column prompt, which goes before the template; rename it, or put {{prompt}} into the template`
      : undefined;
  }
  const shown = [...known].slice(0, MAX_SHOWN).join(', ') || 'none';
  const more = known.size > MAX_SHOWN ? `, and ${known.size - MAX_SHOWN} more` : '';
  throw new CommandError(
    `the template asks for ${faults.join(', ')}; columns of ${path} are ${shown}${more}`,
  );
};
