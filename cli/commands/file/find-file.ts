import { basename } from 'node:path';
import type { PromptFile } from '../../../client/index.ts';
import type { ApiContext } from '../../api-command.ts';
import { CommandError } from '../../command.ts';
import { printableLine } from '../../terminal/printable.ts';
import { recall } from './remembered.ts';
import { type Place, placeOf } from './results/place.ts';

type Context = Pick<ApiContext, 'client' | 'again' | 'signal'>;

const MAX_SEEN = 2_000;

const ID = /^(?:file|batch)_([0-9a-z]{26})$/;

/** The id of a file that a text is, also as its batch has it in OpenAI's Batch API; undefined for any other text. */
export const fileIdOf = (text: string): string | undefined => {
  const [, id] = ID.exec(text) ?? [];
  return id === undefined ? undefined : `file_${id}`;
};

/**
 * The file of that id, or the newest one with the name of that path.
 *
 * @throws {CommandError} when none of the newest files has that name
 */
export const findFile = async (idOrPath: string, { client, again, signal }: Context): Promise<PromptFile> => {
  const id = fileIdOf(idOrPath);
  if (id !== undefined) return client.files.get(id, { signal });
  const name = basename(idOrPath);
  let seen = 0;
  for await (const { id, filename } of client.files.all({ limit: 100 }, { signal })) {
    if (filename === name) return client.files.get(id, { signal });
    seen += 1;
    if (seen >= MAX_SEEN) break;
  }
  throw new CommandError(
    `no file ${name} was generated here${seen >= MAX_SEEN ? ` of the newest ${seen}` : ''}; see ${again('file list')}`,
  );
};

/**
 * Where the results of a file go, and the name by which the next command finds it: by its path, or that from which it was
 * uploaded here; else into the folder of this command.
 */
export const placeNamed = async (
  idOrPath: string,
  { id, filename }: Pick<PromptFile, 'id' | 'filename'>,
  out: string | undefined,
): Promise<{ place: Place; named: string }> => {
  if (fileIdOf(idOrPath) === undefined) return { place: placeOf(idOrPath, out), named: idOrPath };
  const path = (await recall(id))?.path ?? basename(printableLine(filename));
  return { place: placeOf(path, out), named: id };
};
