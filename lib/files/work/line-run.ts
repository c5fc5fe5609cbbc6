import { makeChecker } from '../../checks/run-checks.ts';
import { InvalidInputError } from '../../errors.ts';
import { canonicalJson } from '../../json/canonical-json.ts';
import { derivedRunId } from '../../runs/keys.ts';
import type { RunStore } from '../../runs/ports.ts';
import { parseRunRequest, type RequestDefaults, type RunRequest } from '../../runs/request.ts';
import type { Run } from '../../runs/run.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';

/**
 * A line's run id: the same line of the same key is the same run, whatever else changes in the file. `rerun` makes it
 * this file's own. `again` counts the runs of earlier files that failed.
 */
export const lineRunId = (
  bucket: string,
  { id, key, rerun }: Pick<PromptFile, 'key'> & Partial<Pick<PromptFile, 'id' | 'rerun'>>,
  { body, occurrence }: Pick<FileLineEntry, 'body' | 'occurrence'>,
  again = 0,
): string =>
  derivedRunId(
    'file',
    bucket,
    key,
    canonicalJson(body),
    String(occurrence),
    ...(rerun && id !== undefined ? [id] : []),
    ...(again > 0 ? ['again', String(again)] : []),
  );

/**
 * The run that stands for a line of a file, or will: the first that did not fail for another file, since whoever drops
 * a line again wants it tried again. `failed` is the last that did, where there is one.
 */
export const findLineRun = async (
  file: PromptFile,
  entry: FileLineEntry,
  { runs, bucket }: { runs: Pick<RunStore, 'get'>; bucket: string },
): Promise<{ id: string; run: Run | undefined; failed: Run | undefined }> => {
  let failed: Run | undefined;
  for (let again = 0; ; again += 1) {
    const id = lineRunId(bucket, file, entry, again);
    const run = await runs.get(id);
    if (!run || !failedForAnother(run, file)) return { id, run, failed };
    failed = run;
  }
};

/** Its own file's failure is a result; another's is a reason to try again. */
export const failedForAnother = ({ status, file: place }: Run, { id }: Pick<PromptFile, 'id'>): boolean =>
  (status === 'failed' || status === 'cancelled') && place?.fileId !== id;

/** A line as a run request. Rejects with `InvalidInputError`: that line fails alone. */
export const parseLine = async (
  { body }: Pick<FileLineEntry, 'body'> & Partial<FileLineEntry>,
  defaults: RequestDefaults,
): Promise<RunRequest> => {
  const request = parseRunRequest(body, defaults);
  if (request.stream)
    throw new InvalidInputError([{ path: 'stream', message: 'a line of a file cannot be streamed' }]);
  await makeChecker(request.checks);
  return request;
};
