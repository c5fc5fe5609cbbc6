import { makeChecker } from '../checks/run-checks.ts';
import { InvalidInputError } from '../errors.ts';
import { canonicalJson } from '../runs/canonical-json.ts';
import { derivedRunId } from '../runs/run-id.ts';
import { parseRunRequest, type RequestDefaults, type RunRequest } from '../runs/run-request.ts';
import type { FileLineEntry, PromptFile } from './prompt-file.ts';

/**
 * A line's run id: the same line of the same key is the same run, whatever else changes in the file. `rerun` makes it
 * this file's own.
 */
export const lineRunId = (
  bucket: string,
  { id, key, rerun }: Pick<PromptFile, 'key'> & Partial<Pick<PromptFile, 'id' | 'rerun'>>,
  { body, occurrence }: Pick<FileLineEntry, 'body' | 'occurrence'>,
): string =>
  derivedRunId(
    'file',
    bucket,
    key,
    canonicalJson(body),
    String(occurrence),
    ...(rerun && id !== undefined ? [id] : []),
  );

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
