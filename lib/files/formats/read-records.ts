import { hasPrompt, namesIn } from '../../runs/template.ts';
import type { BatchEndpoint } from './batch-line.ts';
import { isRunField } from './csv-fields.ts';
import { readCsvHeader } from './csv-header.ts';
import { csvRecords } from './csv-records.ts';
import { parseJson, refuseFile, shortText } from './faults.ts';
import { mergeDefaults } from './file-defaults.ts';
import { MAX_FILE_BYTES, MAX_PROMPTS, type PromptFormat } from './format-of-key.ts';
import { readJsonLines, resumeJsonLines } from './json-lines.ts';
import { readText } from './read-text.ts';
import type { FileDefaults, ReadFrom, SourceHead, SourceRecord } from './source-record.ts';
import { takeBom, textOf } from './source-text.ts';

export type ReadOptions = {
  format: PromptFormat;
  /** The defaults from the sidecar, if there is one. */
  sidecar?: FileDefaults | null;
  /** The file's name, for messages; undefined when no sidecar can be put beside it. */
  name?: string | undefined;
  /** Every line is one for this endpoint, and none holds defaults (`.jsonl` only). */
  endpoint?: BatchEndpoint | undefined;
  /** Resumes a `.jsonl` or `.csv`; the source must then begin at `from.byte`. */
  resume?: { from: ReadFrom; head: SourceHead };
  /** Hashes of the custom_ids seen so far. The reader adds to the set, and a checkpoint stores it. */
  seen?: Set<string>;
};

type ReadFile = { head: SourceHead; records: AsyncGenerator<SourceRecord> };

/**
 * Reads a prompt file's head, and its records as they come. `.jsonl` and `.csv` are read in constant memory (one record
 * of at most 1 MiB), the others are held whole. The fault of one record is in that record's `error`.
 * @throws {InvalidInputError} from the call or the iteration, for a fault of the file as a whole: `empty`,
 * `bad_encoding`, `invalid_json`, `too_large`, `too_many_prompts`, `bad_header` or `bad_defaults`. So a file is known
 * to be valid only once all of it was read.
 *
 * @example
 * const { head, records } = await readRecords(source, { format: 'csv' });
 * for await (const record of records) requests.push(toRequest(record, head));
 */
export const readRecords = async (
  source: AsyncIterable<Uint8Array>,
  { format, sidecar = null, name, endpoint, resume, seen = new Set() }: ReadOptions,
): Promise<ReadFile> => {
  const cap = MAX_FILE_BYTES[format];
  if (resume) {
    const text = textOf(source, { start: resume.from.byte, cap });
    const records = resumeRecords(text, format, { ...resume, seen });
    return { head: resume.head, records: limited(records, text, resume.from.records) };
  }
  const { bom, rest } = await takeBom(source);
  const start: ReadFrom = { byte: bom ? 3 : 0, line: 1, records: 0 };
  const text = textOf(rest, { start: start.byte, cap });
  try {
    const { records, ...head } = await READERS[format](text, start, { sidecar, seen, name, endpoint });
    return { head: { ...head, bom }, records: limited(records, text, 0) };
  } catch (error) {
    await text.return(undefined);
    throw error;
  }
};

type Reader = (
  text: AsyncGenerator<string>,
  start: ReadFrom,
  known: Pick<ReadOptions, 'name' | 'endpoint'> & { sidecar: FileDefaults | null; seen: Set<string> },
) => Promise<Omit<SourceHead, 'bom'> & { records: AsyncGenerator<SourceRecord> }>;

const NO_TABLE = { columns: null, delimiter: null };

const READERS: Record<PromptFormat, Reader> = {
  text: async (text, start, { sidecar }) => {
    const { whole, end } = await wholeOf(text, start);
    const { prompt, frontMatter, variables } = await readText(whole);
    const defaults = mergeDefaults(sidecar, frontMatter);
    return {
      kind: 'text',
      defaults,
      ...NO_TABLE,
      records: listed([{ prompt, ...(variables && { variables }) }], end),
    };
  },
  json: async (text, start, { sidecar }) => {
    const { whole, end } = await wholeOf(text, start);
    if (whole.trim() === '') refuseFile('empty', 'the file is empty');
    const { value, fault } = parseJson(whole);
    if (fault) refuseFile('invalid_json', `the file ${fault}; it must be a run request or an array of them`);
    const bodies: unknown[] = Array.isArray(value) ? value : [value];
    return { kind: 'requests', defaults: sidecar, ...NO_TABLE, records: listed(bodies, end) };
  },
  jsonl: readJsonLines,
  csv: async (text, start, { sidecar, name }) => {
    const template = sidecar?.request ?? {};
    const { columns, delimiter, lineBreak, next, rest } = await readCsvHeader(text, start, namesIn(template));
    if (!columns.some((column) => isRunField(column, ['prompt', 'messages'])) && !hasPrompt(template))
      refuseWithoutPrompt(columns, name);
    const head = { columns, delimiter, ...(lineBreak === '\r' && { lineBreak }) };
    const records = csvRecords(withFirst(rest, text), next, head);
    return { kind: 'csv', defaults: sidecar, ...head, records };
  },
};

const MAX_NAME = 100;

/** Refuses a table without prompts, with the template that would give it some, for a column that it really has. */
const refuseWithoutPrompt = (columns: string[], name: string | undefined): never => {
  const found = `there is no column prompt (columns: ${shortText(columns.join(', '))}), and no template`;
  const column = columns.find((own) => !isRunField(own) && !/[{}]/.test(own) && own.length <= MAX_NAME);
  if (column === undefined)
    return refuseFile('bad_header', `${found}; name the column of the prompts prompt`);
  const template = JSON.stringify({ prompt: `{{${column}}}` });
  return refuseFile(
    'bad_header',
    name === undefined
      ? `${found}; give one in defaults, such as ${template}`
      : `${found}; write ${name}.defaults.json with ${template}, then drop ${name} again`,
  );
};

const resumeRecords = (
  text: AsyncGenerator<string>,
  format: PromptFormat,
  { from, head, seen }: { from: ReadFrom; head: SourceHead; seen: Set<string> },
): AsyncGenerator<SourceRecord> => {
  if (format === 'csv') return csvRecords(text, from, head);
  if (format === 'jsonl') return resumeJsonLines(text, from, { kind: head.kind, seen });
  throw new TypeError(`a ${format} file cannot be resumed: it is read whole`);
};

const wholeOf = async (
  text: AsyncIterable<string>,
  start: ReadFrom,
): Promise<{ whole: string; end: number }> => {
  const stretches: string[] = [];
  for await (const stretch of text) stretches.push(stretch);
  const whole = stretches.join('');
  return { whole, end: start.byte + Buffer.byteLength(whole) };
};

async function* withFirst(first: string, text: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* text;
}

async function* listed(bodies: unknown[], end: number): AsyncGenerator<SourceRecord> {
  for (const [at, body] of bodies.entries()) yield { line: at + 1, end, nextLine: at + 2, body };
}

/** Yields the records, and refuses a file with none or too many. Ending the iteration early closes the source. */
async function* limited(
  records: AsyncIterable<SourceRecord>,
  text: AsyncGenerator<string>,
  before: number,
): AsyncGenerator<SourceRecord> {
  let count = before;
  try {
    for await (const record of records) {
      count += 1;
      if (count > MAX_PROMPTS)
        refuseFile(
          'too_many_prompts',
          `the file holds over ${MAX_PROMPTS} prompts; split it into several files`,
        );
      yield record;
    }
  } finally {
    await text.return(undefined);
  }
  if (count === 0) refuseFile('empty', 'the file holds no prompt');
}
