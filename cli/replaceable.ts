import type { ApiContext } from './api-command.ts';
import { CommandError } from './command.ts';
import { canAsk, confirm } from './terminal/confirm.ts';
import { printableLine } from './terminal/printable.ts';
import { beginningOf, requireWritable } from './whole-file.ts';

type Guard = {
  /** The option that gave the path, such as `--out`. */
  named: string;
  /** Whether a file that begins so is an earlier one of the same kind; `bytes` are needed to tell. */
  isOwn: (beginning: string) => boolean;
  bytes: number;
  /** Said of another file: `, and is no report`. */
  unlike: string;
  force?: boolean | undefined;
} & Pick<ApiContext, 'signal'>;

/**
 * Makes sure that a file can be written, and that its place is free or has an earlier one, which is replaced. Any other
 * file is replaced with `force`, or when the person says so.
 *
 * @throws {CommandError} when it may not be replaced
 */
export const requireReplaceable = async (
  path: string,
  { named, isOwn, bytes, unlike, force = false, signal }: Guard,
): Promise<void> => {
  await requireWritable(path, named);
  const found = await beginningOf(path, bytes);
  if (!found || force || isOwn(found)) return;
  const what = `${printableLine(path)} is there${unlike}`;
  if (canAsk() && (await confirm(`${what}. Replace it?`, signal))) return;
  throw new CommandError(`${what}; name another file with ${named}, or replace it with --force`);
};
