import { InvalidInputError } from '../../errors.ts';

/** The cursor after a place in a list of runs or files: `{created at}#{id}`. */
export const cursorOf = (position: string): string => Buffer.from(position).toString('base64url');

/**
 * Decodes a cursor to the place of the last entry read. A cursor holds no caller, so it cannot reach another caller's
 * entries.
 *
 * @throws {InvalidInputError} When the cursor is malformed, or `isListed` denies that the list contains its entry.
 */
export const readCursor = (
  cursor: string,
  isListed: (createdAt: string, id: string) => boolean,
): { position: string; id: string } => {
  const position = Buffer.from(cursor, 'base64url').toString();
  const [, createdAt, id] = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z)#([a-z]+_[0-9a-z]+)$/.exec(position) ?? [];
  if (createdAt === undefined || id === undefined || !isListed(createdAt, id)) {
    throw new InvalidInputError([
      { path: 'cursor', message: 'is not a cursor of this list; leave it out to start at the first page' },
    ]);
  }
  return { position, id };
};
