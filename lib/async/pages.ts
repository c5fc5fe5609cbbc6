import { dropAbsent } from '../json/value.ts';

type Page<Name extends string, T> = Record<Name, T[]> & { nextCursor: string | null };

/**
 * Yields the entries of all pages of a list, in order, reading each page when it is needed.
 *
 * @example
 * for await (const run of pagesOf((at) => runs.list({ caller, limit: 100, ...at }), 'runs')) count(run);
 */
export async function* pagesOf<Name extends string, T>(
  read: (at: { cursor?: string }) => Promise<Page<Name, T>>,
  name: Name,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await read(dropAbsent({ cursor }));
    yield* page[name];
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
