import { resolve } from 'node:path';
import type { PromptFile } from '../../../client/index.ts';
import type { ApiContext } from '../../api-command.ts';
import { CommandError } from '../../command.ts';
import { ExitStatus } from '../../exit-status.ts';
import { canAsk, confirm } from '../../terminal/confirm.ts';
import { printableLine } from '../../terminal/printable.ts';
import { estimateLocal } from './estimate/estimate-local.ts';
import { showEstimate } from './estimate/show-estimate.ts';
import { type Fields, mergedDefaults } from './input/defaults.ts';
import type { LocalFile } from './input/local-file.ts';
import { followFile } from './progress/follow.ts';
import { uploadFile } from './progress/upload.ts';
import { remember } from './remembered.ts';
import { endFile } from './results/end.ts';
import { placeOf, requireReplaceable } from './results/place.ts';

export type GenerateOptions = {
  out?: string | undefined;
  force?: boolean | undefined;
  yes?: boolean | undefined;
  /** False: it is uploaded, and not followed. */
  wait: boolean;
  json?: boolean | undefined;
  /** The file of which this is a retry, so that some rows should be reused. */
  earlier?: PromptFile;
};

/**
 * Generates a file on this machine: checks it, shows its estimate, asks, uploads it, follows it, and fetches its results.
 * `own` are fields for all rows, over those of the file's `.defaults.json`. Returns the exit status.
 */
export const generateFile = async (
  file: LocalFile,
  own: Fields,
  { out, force, yes, wait, json: isJson, earlier }: GenerateOptions,
  context: ApiContext,
): Promise<number> => {
  const { screen, errors, note, json, signal, again } = context;
  const place = placeOf(file.path, out);
  await requireReplaceable(place, { force, signal });
  const defaults = await mergedDefaults(file.path, own);
  if (defaults.sidecar !== undefined) note(`defaults of ${printableLine(defaults.sidecar)} apply`);
  const { estimate, warning } = await estimateLocal(file, defaults, context);
  showEstimate(errors, estimate);
  if (warning !== undefined) note(errors.attention(`warning: ${printableLine(warning)}`));
  if (estimate.error && estimate.complete) return ExitStatus.failed;
  if (estimate.accepted === 0)
    throw new CommandError(`no row of ${file.path} can be generated; mend their faults`);
  if (earlier && earlier.counts.completed > 0 && estimate.reused === 0) {
    const why = 'no row is reused: the template or the fields are not those of the earlier file';
    if (!yes && !canAsk())
      throw new CommandError(`${why}; give the options of file run, or generate every row again by --yes`);
    note(errors.attention(`warning: ${why}`));
  }
  const isAnswered = estimate.complete && estimate.accepted === estimate.reused;
  if (!yes && !isAnswered && canAsk() && !(await confirm('Generate it?', signal))) {
    note('nothing was uploaded');
    return ExitStatus.ok;
  }
  const uploaded = await uploadFile(file, { filename: file.name, defaults: defaults.fields }, context);
  const { size, mtimeMs } = file;
  await remember(uploaded.id, { path: resolve(file.path), size, mtimeMs, own, fields: defaults.fields });
  if (!wait) {
    if (isJson) json(uploaded);
    else screen.line(uploaded.id);
    note(`it is generated now; ${again(`file watch ${uploaded.id}`)} shows it, and fetches its results`);
    return ExitStatus.ok;
  }
  const ended = await followFile(uploaded.id, context);
  // They were allowed to be replaced before anything was paid for.
  return endFile(ended, { ...context, place, force: true, named: file.path, isJson });
};
