import { createHash } from 'node:crypto';
import { isObject } from '../../json/value.ts';
import type { BatchEndpoint } from './batch-line.ts';
import { parseJson, recordError, refuseFile } from './faults.ts';
import { mergeDefaults, parseFileDefaults } from './file-defaults.ts';
import { MAX_RECORD_BYTES } from './format-of-key.ts';
import type { FileDefaults, ReadFrom, SourceHead, SourceRecord } from './source-record.ts';
import { linePartsOf } from './source-text.ts';

/** Invalid records that may precede the first JSON object, which shows what kind of file this is. */
const LOOK_AHEAD = 1_000;
const BEGINNING = 100;

/** A line; `end` is the byte after it. Of a line that is too long, `text` is only the beginning. */
type Line = { line: number; end: number; text: string; isTooLong: boolean };

/**
 * Reads the head of a `.jsonl`, and its records as they come. The first line may hold defaults. The first JSON object
 * after them shows whether the lines are run requests or lines for OpenAI's Batch API; with an `endpoint` all are the
 * latter.
 * @throws {InvalidInputError} `bad_defaults`, or `invalid_json` when one JSON value is spread over many lines.
 */
export const readJsonLines = async (
  source: AsyncIterable<string>,
  start: ReadFrom,
  {
    sidecar,
    seen,
    endpoint,
  }: { sidecar: FileDefaults | null; seen: Set<string>; endpoint?: BatchEndpoint | undefined },
): Promise<Omit<SourceHead, 'bom'> & { records: AsyncGenerator<SourceRecord> }> => {
  const lines = linesOf(source, start);
  if (endpoint !== undefined) {
    const head = { kind: 'batch', endpoint, defaults: sidecar, columns: null, delimiter: null } as const;
    return { ...head, records: recordsOf(lines, { kind: 'batch', seen, ahead: [] }) };
  }
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

/** Resumes a `.jsonl` whose head was read before. */
export const resumeJsonLines = (
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

/** Yields the lines that are not blank. The text of a line over 1 MiB is dropped while it is read. */
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
  // `trim` also removes a byte order mark, which stands within a file that was concatenated from several.
  const { value, fault } = parseJson(text.trim());
  if (fault === undefined) return { ...place, body: value };
  return {
    ...place,
    body: null,
    error: recordError([{ path: '', message: `line ${line} ${fault}` }], 'invalid_json'),
  };
};

/** The defaults in the first line; null if it holds none. */
const defaultsIn = ({ line, text, isTooLong }: Line): FileDefaults | null => {
  const begins = text.trim();
  if (begins === '[' || begins === '{')
    refuseFile(
      'invalid_json',
      'the file is one JSON value on many lines; rename it so that it ends in .json',
    );
  // The check is by text, not by parsing: a syntax error in the defaults must not let all lines run without them.
  if (!/^\{\s*"defaults"\s*:/.test(begins)) return null;
  if (isTooLong)
    return refuseFile(
      'bad_defaults',
      `line ${line}, the defaults, is over ${MAX_RECORD_BYTES} bytes; make it shorter`,
    );
  const { value, fault } = parseJson(begins);
  if (fault) return refuseFile('bad_defaults', `line ${line}, the defaults, ${fault}`);
  if (!isObject(value) || Object.keys(value).length > 1)
    return refuseFile(
      'bad_defaults',
      `line ${line}: a line with defaults must have no other fields beside them`,
    );
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

/** Adds a record's custom_id. A record whose custom_id was used before fails alone. */
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
