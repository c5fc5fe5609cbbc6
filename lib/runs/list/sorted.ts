import { InvalidInputError } from '../../errors.ts';
import { LIST_FIGURES, type ListFigure } from './figures.ts';

/** An order of a list of runs. Without one it is newest first. */
export type ListSort = { by: ListFigure | 'created_at'; descending: boolean };

/** The values of the parameter `sort`; `-` puts the greatest first. */
export const SORTS = (['created_at', ...LIST_FIGURES] as const).flatMap((by) => [by, `-${by}`] as const);

/** The order that a value of `sort` names; undefined for newest first, which a list has without one. */
export const sortOf = (name: (typeof SORTS)[number]): ListSort | undefined => {
  const descending = name.startsWith('-');
  const by = name.replace('-', '') as ListSort['by'];
  return by === 'created_at' && descending ? undefined : { by, descending };
};

/** Runs that a sorted list reads; a time range with more of them is refused. */
export const MAX_SORTED = 10_000;

/** A run in a sorted list: its figure, null when it is unknown, and its place in the list by time. */
export type Sortable<Run> = { run: Run; value: number | null; position: string };

/** The order of sortable runs: unknown figures last in both directions, newest first among equals. */
export const compareSortable =
  ({ descending }: Pick<ListSort, 'descending'>) =>
  (a: Omit<Sortable<unknown>, 'run'>, b: Omit<Sortable<unknown>, 'run'>): number => {
    if (a.value !== b.value) {
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      return descending ? b.value - a.value : a.value - b.value;
    }
    return a.position === b.position ? 0 : a.position > b.position ? -1 : 1;
  };

/**
 * A page of runs in this order, after the cursor. The cursor holds the figure and the place of the last run shown, so
 * runs that come or go between two pages move no other: none is shown twice.
 *
 * @throws {InvalidInputError} for a cursor that no list of this order returned.
 */
export const sortedPage = <Run>(
  runs: readonly Sortable<Run>[],
  sort: ListSort,
  { cursor, limit }: { cursor?: string; limit: number },
): { runs: Run[]; nextCursor: string | null } => {
  const compare = compareSortable(sort);
  const after = cursor === undefined ? undefined : readSortedCursor(cursor, sort);
  const rest = runs.filter((run) => after === undefined || compare(run, after) > 0).toSorted(compare);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    runs: page.map(({ run }) => run),
    nextCursor: last && rest.length > limit ? sortedCursor(last, sort) : null,
  };
};

const nameOf = ({ by, descending }: ListSort): string => `${descending ? '-' : ''}${by}`;

const sortedCursor = ({ value, position }: Omit<Sortable<unknown>, 'run'>, sort: ListSort): string =>
  Buffer.from(`${nameOf(sort)}#${value ?? ''}#${position}`).toString('base64url');

const CURSOR = /^(-?[a-z_0-9]+)#(\d[\d.e+-]{0,30})?#(\d{4}-\d\d-\d\dT[\d:.]{12}Z#run_[0-9a-z]+)$/;

const readSortedCursor = (cursor: string, sort: ListSort): Omit<Sortable<unknown>, 'run'> => {
  const [, name, figure, position] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const value = figure === undefined ? null : Number(figure);
  if (name !== nameOf(sort) || position === undefined || Number.isNaN(value)) {
    throw new InvalidInputError([
      {
        path: 'cursor',
        message: `is not a cursor of this list sorted by ${nameOf(sort)}; leave it out to start at the first page`,
      },
    ]);
  }
  return { value, position };
};

/**
 * The refusal of a time range with too many runs. It names the instant from which the newest of them can be sorted.
 * `read` are instants of creation, newest first, one more than can be sorted.
 */
export const tooManyToSort = (read: readonly string[]): InvalidInputError => {
  const beyond = read[MAX_SORTED] ?? '';
  const fitting = read.slice(0, MAX_SORTED).filter((createdAt) => createdAt > beyond);
  const since = fitting.at(-1);
  const remedy =
    since === undefined
      ? 'narrow it with since and until'
      : `narrow it with since and until; since=${since} leaves its newest ${fitting.length}`;
  return new InvalidInputError([
    {
      path: 'sort',
      message: `reads at most ${MAX_SORTED} runs, and this time range has more; ${remedy}`,
    },
  ]);
};
