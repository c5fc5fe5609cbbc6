import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PromptFile } from '../../../../client/index.ts';
import type { ApiContext } from '../../../api-command.ts';
import { UsageError } from '../../../command.ts';
import { ExitStatus } from '../../../exit-status.ts';
import { canAsk, confirm } from '../../../terminal/confirm.ts';
import { showEstimate } from '../estimate/show-estimate.ts';
import { fileIdOf, findFile, placeNamed } from '../find-file.ts';
import { type GenerateOptions, generateFile } from '../generate.ts';
import { type Fields, fieldsOf, mergedDefaults, overlaid } from '../input/defaults.ts';
import type { FieldOptions } from '../input/fields.ts';
import { type LocalFile, openLocalFile } from '../input/local-file.ts';
import { followFile } from '../progress/follow.ts';
import { type Remembered, recall, remember } from '../remembered.ts';
import { endFile } from '../results/end.ts';
import { requireReplaceable } from '../results/place.ts';

type Options = GenerateOptions & FieldOptions;

/**
 * Generates the rows of a file that have no answer, and those that were changed. A file that is on this machine as it was
 * uploaded is retried in place; one that was changed, or gets other fields, is uploaded again, which reuses all other rows.
 */
export const retryFile = async (path: string, options: Options, context: ApiContext): Promise<number> => {
  const given = await fieldsOf(options);
  const local = fileIdOf(path) ? undefined : await openLocalFile(path);
  const file = await findFile(path, context);
  const recalled = await recall(file.id);
  // Another folder may have a file of the same name.
  const known = local && recalled?.path !== resolve(local.path) ? undefined : recalled;
  if (local) {
    const own = overlaid(known?.own ?? {}, given);
    const isSame = await isUnchanged(local, own, { known, file });
    if (!isSame) {
      context.note(
        'the file or its fields were changed: it is uploaded again, and unchanged rows are reused',
      );
      return generateFile(local, own, { ...options, earlier: file }, context);
    }
  } else if (Object.keys(given).length > 0)
    throw new UsageError('fields cannot be given with an id: a retry has those of the file; give the path');
  return retryUploaded(file.id, { path, known, options }, context);
};

const isUnchanged = async (
  { path, size, mtimeMs }: LocalFile,
  own: Fields,
  { known, file }: { known: Remembered | undefined; file: { size_bytes: number; created_at: string } },
): Promise<boolean> => {
  if (size !== file.size_bytes) return false;
  const { fields } = await mergedDefaults(path, own);
  if (known) return mtimeMs === known.mtimeMs && isDeepStrictEqual(fields, known.fields);
  // It was uploaded from elsewhere: nothing tells its fields, unless some are given now.
  return mtimeMs < Date.parse(file.created_at) && Object.keys(fields).length === 0;
};

const retryUploaded = async (
  id: string,
  { path, known, options }: { path: string; known: Remembered | undefined; options: Options },
  context: ApiContext,
): Promise<number> => {
  const { client, screen, note, json, signal, again } = context;
  const file = await client.files.get(id, { signal });
  const { place, named } = await placeNamed(path, file, options.out);
  await requireReplaceable(place, { force: options.force, signal });
  const { isLeft, refused } = await outlookOf(file, context);
  if (!isLeft) {
    const remedy = file.endpoint ? 'create another batch of them' : 'retry the path of the file';
    note(
      refused > 0
        ? `no row is left to generate: mend those with faults, and ${remedy}`
        : 'every row has an answer',
    );
    return refused > 0 ? ExitStatus.partlyFailed : ExitStatus.ok;
  }
  if (!options.yes && canAsk() && !(await confirm('Retry it?', signal))) {
    note('nothing was retried');
    return ExitStatus.ok;
  }
  const retry = await client.files.retry(id, { signal });
  if (known) await remember(retry.id, known);
  if (!options.wait) {
    if (options.json) json(retry);
    else screen.line(retry.id);
    note(`it is generated now; ${again(`file watch ${retry.id}`)} shows it, and fetches its results`);
    return ExitStatus.ok;
  }
  const ended = await followFile(retry.id, context);
  return endFile(ended, { ...context, place, named, force: true, isJson: options.json });
};

/** Whether a retry has rows to generate, and how many have faults. Shows the estimate, which embeddings do not have. */
const outlookOf = async (
  { id, endpoint, counts }: PromptFile,
  { client, errors, signal }: ApiContext,
): Promise<{ isLeft: boolean; refused: number }> => {
  if (endpoint === '/v1/embeddings') {
    const refused = counts.refused ?? 0;
    return { isLeft: counts.failed > refused, refused };
  }
  const estimate = await client.files.estimate({ file_id: id }, { signal });
  showEstimate(errors, estimate);
  return { isLeft: !estimate.complete || estimate.accepted !== estimate.reused, refused: estimate.refused };
};
