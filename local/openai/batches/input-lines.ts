import { text } from 'node:stream/consumers';
import { isObject, type JsonObject, parseObject } from '../../json.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Batch } from './stored-batches.ts';

export type InputLine = { customId: string; body: JsonObject };
export type InputFault = { code: string; message: string; param: null; line: number | null };

const MAX_LINES = 50_000;

/** Reads the lines of a batch's input file. If there are any faults, no line may be processed. */
export const readInput = async (
  { input_file_id, endpoint }: Batch,
  files: StoredFiles,
): Promise<{ lines: InputLine[]; faults: InputFault[] }> => {
  const rows = (await text(files.open(input_file_id))).split('\n');
  const lines: InputLine[] = [];
  const faults: InputFault[] = [];
  const seen = new Set<string>();
  for (const [at, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const read = readLine(row, endpoint, seen);
    if ('code' in read) faults.push({ ...read, param: null, line: at + 1 });
    else lines.push(read);
  }
  if (lines.length === 0 && faults.length === 0)
    faults.push({ code: 'empty_file', message: 'The input file is empty.', param: null, line: null });
  if (lines.length > MAX_LINES)
    faults.push({
      code: 'too_many_tasks',
      message: `The input file has more than ${MAX_LINES} lines.`,
      param: null,
      line: null,
    });
  return { lines, faults };
};

const readLine = (
  row: string,
  endpoint: string,
  seen: Set<string>,
): InputLine | { code: string; message: string } => {
  const line = parseObject(row);
  if (!line) return { code: 'invalid_json_line', message: 'This line is not a JSON object.' };
  const { custom_id: customId, method, url, body } = line;
  if (typeof customId !== 'string' || customId === '')
    return { code: 'missing_required_parameter', message: 'This line has no custom_id.' };
  if (seen.has(customId))
    return { code: 'duplicate_custom_id', message: 'The custom_id of this line is used above.' };
  seen.add(customId);
  if (method !== 'POST' || url !== endpoint)
    return { code: 'mismatched_endpoint', message: `This line is not a POST to ${endpoint}.` };
  if (!isObject(body)) return { code: 'missing_required_parameter', message: 'This line has no body.' };
  return { customId, body };
};
