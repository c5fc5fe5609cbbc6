import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RunSummary } from '../../../client/index.ts';
import { shownOf } from '../../figures.ts';
import { changeQuery } from '../../location.ts';
import { Term } from '../../parts/figure.tsx';
import { isTyping } from '../../parts/typing.ts';
import { type ListHandle, VirtualList } from '../../parts/virtual-list.tsx';
import { nextSort, type SortColumn } from './run-query.ts';
import { COLUMNS, RunCells } from './run-row.tsx';

/** Of a row, in px; page.css has the same. */
const ROW = 56;
const PAGE_KEY_ROWS = 10;

/** Runs as a table of which only the rows in sight exist. One row is in the order of Tab; j, k and the arrows change it. */
export const RunTable = ({
  runs,
  hasMore,
  sort,
  onSight,
}: {
  runs: readonly RunSummary[];
  hasMore: boolean;
  sort: string | null;
  /** Called with the places of the rows that exist. */
  onSight: (first: number, last: number) => void;
}) => {
  const handle = useRef<ListHandle>(null);
  const table = useRef<HTMLTableElement>(null);
  const [currentId, setCurrentId] = useState<string | undefined>(undefined);
  const [isToFocus, setToFocus] = useState(0);
  const found = runs.findIndex(({ id }) => id === currentId);
  const current = Math.max(0, found);

  const moveTo = (index: number): void => {
    const run = runs[Math.max(0, Math.min(runs.length - 1, index))];
    if (run === undefined) return;
    setCurrentId(run.id);
    setToFocus((turn) => turn + 1);
  };
  // The row exists once it is drawn, wherever the list is scrolled to.
  useLayoutEffect(() => {
    if (isToFocus === 0) return;
    linkOf(table.current, current)?.focus({ preventScroll: true });
    handle.current?.scrollTo(current);
  }, [isToFocus]);

  const press = useRef((_: KeyboardEvent) => {});
  press.current = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target)) return;
    const isInside = event.target instanceof Node && (table.current?.contains(event.target) ?? false);
    const step = stepOf(event.key, isInside);
    if (step === undefined) return;
    event.preventDefault();
    // The first press chooses the row that Tab would reach.
    moveTo(isInside || found >= 0 ? current + step : current);
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => press.current(event);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);

  return (
    <table
      ref={table}
      class="runs"
      aria-label="Runs"
      aria-rowcount={hasMore ? -1 : runs.length + 1}
      onFocusIn={({ target }) => {
        const row = target instanceof Element ? target.closest('[aria-rowindex]') : null;
        const run = runs[Number(row?.getAttribute('aria-rowindex') ?? 0) - 2];
        if (run !== undefined) setCurrentId(run.id);
      }}
    >
      <Heading sort={sort} />
      <VirtualList
        as="rows"
        label="Runs"
        count={runs.length}
        rowHeight={ROW}
        keyOf={(index) => runs[index]?.id ?? String(index)}
        keep={current}
        handle={handle}
        onRange={onSight}
        row={(index) => {
          const run = runs[index];
          return run && <RunCells run={run} isCurrent={index === current} />;
        }}
      />
    </table>
  );
};

const linkOf = (table: HTMLElement | null, index: number): HTMLElement | null | undefined =>
  table?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"] a`);

/** How far a key moves; the arrows, Home and End scroll the page where no row has the focus. */
const stepOf = (key: string, isInside: boolean): number | undefined => {
  if (key === 'j') return 1;
  if (key === 'k') return -1;
  if (!isInside) return undefined;
  const steps = new Map([
    ['ArrowDown', 1],
    ['ArrowUp', -1],
    ['PageDown', PAGE_KEY_ROWS],
    ['PageUp', -PAGE_KEY_ROWS],
    ['Home', Number.NEGATIVE_INFINITY],
    ['End', Number.POSITIVE_INFINITY],
  ]);
  return steps.get(key);
};

const Heading = ({ sort }: { sort: string | null }) => (
  <thead>
    <tr aria-rowindex={1}>
      <th scope="col">Status</th>
      <th scope="col">Prompt and text</th>
      <th scope="col" class="models-cell">
        Model and label
      </th>
      {COLUMNS.map(({ name, sort: column }) => (
        <th
          key={name}
          scope="col"
          class={`number column-${name}`}
          aria-sort={column === undefined ? undefined : directionOf(column, sort)}
        >
          {column === undefined ? (
            <Term name={name} />
          ) : (
            <Sorter column={column} sort={sort} tip={shownOf(name).definition}>
              {shownOf(name).title}
            </Sorter>
          )}
        </th>
      ))}
      <th scope="col" class="when-cell" aria-sort={directionOf('created_at', sort)}>
        <Sorter column="created_at" sort={sort} tip="When the run was accepted, in your time zone.">
          When
        </Sorter>
      </th>
    </tr>
  </thead>
);

const directionOf = (column: SortColumn, sort: string | null): 'ascending' | 'descending' | 'none' => {
  if (sort === column) return 'ascending';
  const isDescending = sort === `-${column}` || (column === 'created_at' && (sort === null || sort === ''));
  return isDescending ? 'descending' : 'none';
};

const ARROWS = { ascending: '↑', descending: '↓', none: '' };

const Sorter = ({
  column,
  sort,
  tip,
  children,
}: {
  column: SortColumn;
  sort: string | null;
  tip: string;
  children: string;
}) => (
  <button
    type="button"
    class="sorter"
    data-tip={tip}
    onClick={() => changeQuery({ sort: nextSort(column, sort) })}
  >
    {children}
    <span class="arrow" aria-hidden="true">
      {ARROWS[directionOf(column, sort)]}
    </span>
  </button>
);
