import { formatOfKey } from '../formats/format-of-key.ts';
import type { FileLease } from '../lease.ts';
import type { AssembleDeps } from './assemble-deps.ts';
import { endFile } from './end-file.ts';
import { contentTypeOf, resultKey, type Suffix } from './results.ts';
import { makeTotals } from './summary.ts';

/** The result of a file that could not be read as prompts: one error, no retry. */
export const recordFailure = async (
  lease: FileLease,
  error: { code: string; message: string },
  deps: AssembleDeps,
): Promise<void> => {
  const { file } = lease;
  const row = { line: null, run_id: null, status: 'failed', run: null, error };
  const put = (suffix: Suffix, body: string) =>
    deps.content.put(resultKey(file, suffix), body, contentTypeOf(suffix));
  await put('.jsonl', `${JSON.stringify(row)}\n`);
  const text = `${error.code}: ${error.message}`;
  const format = formatOfKey(file.key);
  if (format === 'text') await put('.txt', `error: ${text}\n`);
  if (format === 'csv') await put('.csv', `error\r\n"${text.replaceAll('"', '""')}"\r\n`);
  await endFile(lease, 'failed', makeTotals(), error, deps);
};
