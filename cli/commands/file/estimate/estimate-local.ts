import type { CallOptions, Everytoken, FileEstimate } from '../../../../client/index.ts';
import { rounded } from '../../../../lib/json/value.ts';
import { estimateOfWhole } from '../../../../report/estimate-of-whole.ts';
import { readBeginning } from '../input/beginning.ts';
import type { Defaults } from '../input/defaults.ts';
import type { LocalFile } from '../input/local-file.ts';

/**
 * Estimates a file on this machine. Of a large one the API is given the beginning, and the rest is taken to be
 * like it, as the API does itself (`complete` is false).
 *
 * @throws {CommandError} as `readBeginning` does
 */
export const estimateLocal = async (
  file: LocalFile,
  { parsed, fields }: Defaults,
  { client, signal }: { client: Everytoken } & Pick<CallOptions, 'signal'>,
): Promise<{ estimate: FileEstimate; warning: string | undefined }> => {
  const { content, share, warning } = await readBeginning(file, parsed);
  const estimate = await client.files.estimate(
    { filename: file.name, content, defaults: fields },
    { signal },
  );
  return { estimate: estimateOfWhole(estimate, share, rounded), warning };
};
