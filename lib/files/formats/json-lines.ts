import { createHash } from 'node:crypto';
import { isObject } from '../../json/value.ts';
import { parseJson, recordError, refuseFile } from './faults.ts';
import { mergeDefaults, parseFileDefaults } from './file-defaults.ts';
import { MAX_RECORD_BYTES } from './format-of-key.ts';
import type { FileDefaults, ReadFrom, SourceHead, SourceRecord } from './source-record.ts';
import { linePartsOf } from './source-text.ts';

/** Records with a wrong line each that may come before one that tells what kind of file this is. */
const LOOK_AHEAD = 1_000;
const BEGINNING = 100;

/** Of a line that is too long, `text` is how it begins. */
type Line = { line: number; end: number; text: string; isTooLong: boolean };

/**
 * The head of a `.jsonl` and its records. The first line may hold defaults; the first line that is a JSON object
 * tells whether these are run requests or lines for OpenAI's Batch API. Throws `bad_defaults`, and `invalid_json` for
 * one JSON value that is spread over many lines.
 */
export const readJsonLines = async (
  source: AsyncIterable<string>,
  start: ReadFrom,
  { sidecar, seen }: { sidecar: FileDefaults | null; seen: Set<string> },
): Promise<Omit<SourceHead, 'bom'> & { records: AsyncGenerator<SourceRecord> }> => {
  const lines = linesOf(source, start);
  const ahead: SourceRecord[] = [];
  let own: FileDefaults | null = null;
  let kind: 'requests' | 'batch' | undefined;
  for (let isFirst = true; kind === undefined && ahead.length < LOOK_AHEAD; isFirst = false) {
    const next = await lines.next();
    if (next.done) break;
    if (isFirst) {
      own = defaultsIn(next.value);
      if (own) continue;
    }
    const record = recordOf(next.value);
    ahead.push(record);
    if (isObject(record.body)) kind = isBatchLine(record.body) ? 'batch' : 'requests';
  }
  const defaults = mergeDefaults(sidecar, own);
  kind ??= 'requests';
  if (kind === 'batch') requireOneAnswer(defaults);
  const head = { kind, defaults, columns: null, delimiter: null };
  return { ...head, records: recordsOf(lines, { kind, seen, ahead }) };
};

/** Goes on with a `.jsonl` whose head was read before. */
export const moreJsonLines = (
  source: AsyncIterable<string>,
  from: ReadFrom,
  { kind, seen }: { kind: SourceHead['kind']; seen: Set<string> },
): AsyncGenerator<SourceRecord> => recordsOf(linesOf(source, from), { kind, seen, ahead: [] });

async function* recordsOf(
  lines: AsyncGenerator<Line>,
  { kind, seen, ahead }: { kind: SourceHead['kind']; seen: Set<string>; ahead: SourceRecord[] },
): AsyncGenerator<SourceRecord> {
  const named = (record: SourceRecord) => (kind === 'batch' ? withCustomId(record, seen) : record);
  for (const record of ahead) yield named(record);
  for await (const line of lines) yield named(recordOf(line));
}

/** Lines that are not blank. The text of one over 1 MiB is dropped while it is read. */
async function* linesOf(source: AsyncIterable<string>, from: ReadFrom): AsyncGenerator<Line> {
  let { line, byte: end } = from;
  let text = '';
  let bytes = 0;
  const isTooLong = () => bytes > MAX_RECORD_BYTES;
  const isShown = () => isTooLong() || text.trim() !== '';
  const read = (): Line => ({ line, end, text, isTooLong: isTooLong() });
  for await (const stretch of source) {
    for (const part of linePartsOf(stretch)) {
      end += part.bytes;
      bytes += part.bytes - (part.endsLine ? 1 : 0);
      text += part.text;
      if (isTooLong()) text = text.slice(0, BEGINNING);
      if (!part.endsLine) continue;
      if (isShown()) yield read();
      line += 1;
      text = '';
      bytes = 0;
    }
  }
  if (isShown()) yield read();
}

const recordOf = ({ line, end, text, isTooLong }: Line): SourceRecord => {
  const place = { line, end, nextLine: line + 1 };
  if (isTooLong) {
    const issue = { path: '', message: `line ${line} is over ${MAX_RECORD_BYTES} bytes; make it shorter` };
    return { ...place, body: null, error: recordError([issue], 'line_too_long') };
  }
  // White space for this purpose is also a byte order mark that stands where files were put together.
  const { value, fault } = parseJson(text.trim());
  if (fault === undefined) return { ...place, body: value };
  return {
    ...place,
    body: null,
    error: recordError([{ path: '', message: `line ${line} ${fault}` }], 'invalid_json'),
  };
};

/** The defaults, where the first line holds them. */
const defaultsIn = ({ line, text, isTooLong }: Line): FileDefaults | null => {
  const begins = text.trim();
  if (begins === '[' || begins === '{')
    refuseFile('invalid_json', 'the file is one JSON value on many lines; give it a name that ends in .json');
  // Without this, a slip in the defaults would let all other lines run without them.
  if (!/^\{\s*"defaults"\s*:/.test(begins)) return null;
  if (isTooLong)
    return refuseFile('bad_defaults', `line ${line}, the defaults, is over ${MAX_RECORD_BYTES} bytes`);
  const { value, fault } = parseJson(begins);
  if (fault) return refuseFile('bad_defaults', `line ${line}, the defaults, ${fault}`);
  if (!isObject(value) || Object.keys(value).length > 1)
    return refuseFile('bad_defaults', `line ${line}: a line of defaults holds nothing beside them`);
  return parseFileDefaults(value.defaults);
};

const requireOneAnswer = (defaults: FileDefaults | null): void => {
  for (const field of ['settings', 'samples']) {
    if (defaults && Object.hasOwn(defaults.request, field))
      refuseFile('bad_defaults', `defaults.${field}: a line for the Batch API has one answer; leave it out`);
  }
};

const isBatchLine = (body: Record<string, unknown>): boolean =>
  Object.hasOwn(body, 'url') || Object.hasOwn(body, 'body');

/** The record by the name that its author gave it; who comes second under a name fails alone. */
const withCustomId = (record: SourceRecord, seen: Set<string>): SourceRecord => {
  const customId = isObject(record.body) ? record.body.custom_id : undefined;
  if (typeof customId !== 'string') return record;
  const mark = createHash('sha256').update(customId).digest('base64url').slice(0, 11);
  if (!seen.has(mark)) {
    seen.add(mark);
    return { ...record, customId };
  }
  const issue = { path: 'custom_id', message: 'was used by an earlier line; each line needs its own' };
  return { ...record, body: null, customId, error: recordError([issue], 'duplicate_custom_id') };
};
