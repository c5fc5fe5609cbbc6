import './page.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { hrefOf } from '../../address.ts';
import { apiKey, everytoken } from '../../api.ts';
import { changeQuery } from '../../location.ts';
import { Empty, Failure, Loading } from '../../parts/states.tsx';
import type { PageProps } from '../page-props.ts';
import { Download } from './download.tsx';
import { Filters } from './filters.tsx';
import { Follow, NewRuns, useFollow } from './follow.tsx';
import { makeRunList, type RunListStore } from './run-list.ts';
import { filtersOf, isNewestFirst, runQueryOf, SORTS } from './run-query.ts';
import { RunTable } from './run-table.tsx';

/** Rows before the end at which the next page is read. */
const AHEAD = 40;
/** Pages that a rare filter reads before the reader is asked: a list can hold millions of runs. */
const MOST_UNASKED = 20;

/** All runs: filtered, sorted, and followed as they come. */
export const Page = ({ query }: PageProps) => {
  const asked = runQueryOf(query);
  const key = JSON.stringify([asked, apiKey.value]);
  const { list, end } = useMemo(() => {
    const aborter = new AbortController();
    const { signal } = aborter;
    return {
      list: makeRunList((page) => everytoken().runs.list(page, { signal }), asked, Date.now()),
      end: aborter,
    };
  }, [key]);
  const canFollow = isNewestFirst(query.get('sort'));
  const isFollowing = canFollow && query.get('follow') !== 'off';
  const sight = useRef({ first: 0, last: 0 });
  useEffect(() => {
    sight.current = { first: 0, last: 0 };
    return () => end.abort();
  }, [list]);
  useFollow(list, isFollowing, sight);
  return (
    <>
      <header>
        <h1>Runs</h1>
        <div class="end">
          <Download query={query} />
        </div>
      </header>
      <Filters query={query}>
        <SortChoice sort={query.get('sort')} />
        <Follow isOn={isFollowing} canFollow={canFollow} />
      </Filters>
      <List list={list} query={query} sight={sight} />
    </>
  );
};

/** On a phone, where the headings of the columns have no room. */
const SortChoice = ({ sort }: { sort: string | null }) => (
  <select
    class="sort-choice"
    aria-label="Order"
    value={sort ?? ''}
    onChange={({ currentTarget }) => changeQuery({ sort: currentTarget.value })}
  >
    {SORTS.map(({ value, label }) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </select>
);

const List = ({
  list,
  query,
  sight,
}: {
  list: RunListStore;
  query: URLSearchParams;
  sight: { current: { first: number; last: number } };
}) => {
  const runs = list.runs.value;
  const hasMore = list.hasMore.value;
  const isLoading = list.isLoading.value;
  const error = list.error.value;
  const [unasked, setUnasked] = useState(0);
  const readAhead = (): void => {
    const isNearEnd = sight.current.last + AHEAD >= list.runs.peek().length;
    if (isNearEnd && list.error.peek() === undefined) void list.readMore();
  };
  // A page may be short or empty though further ones are not: each request reads a bounded part of the list.
  const isPaused = unasked >= MOST_UNASKED && hasMore;
  useEffect(() => {
    if (isLoading || isPaused) return;
    readAhead();
    setUnasked((pages) => pages + 1);
  }, [list, isLoading, isPaused, error]);
  const further = isPaused && (
    <button type="button" class="button" onClick={() => setUnasked(0)}>
      Look at older runs, too
    </button>
  );
  if (runs.length === 0) {
    if (error !== undefined)
      return <Failure error={error} what="The runs could not be read" retry={() => list.readMore()} />;
    if (isPaused) return <Empty title="No run so far meets these filters">{further}</Empty>;
    return hasMore ? <Loading what="the runs" /> : <NoRuns query={query} />;
  }
  return (
    <>
      <NewRuns list={list} />
      <div class="runs-place">
        <RunTable
          runs={runs}
          hasMore={hasMore}
          sort={query.get('sort')}
          onSight={(first, last) => {
            sight.current = { first, last };
            setUnasked(0);
            readAhead();
          }}
        />
      </div>
      {error !== undefined && (
        <Failure error={error} what="The next runs could not be read" retry={() => list.readMore()} />
      )}
      <p class="muted small loaded" role="status">
        {runs.length.toLocaleString('en-US')} {runs.length === 1 ? 'run' : 'runs'}{' '}
        {hasMore ? 'loaded; more follow as you scroll' : 'in all'} {further}
      </p>
    </>
  );
};

const NoRuns = ({ query }: { query: URLSearchParams }) =>
  Object.keys(filtersOf(query)).length > 0 ? (
    <Empty title="No run meets these filters">
      <p>Clear some of them, or look at a longer time.</p>
    </Empty>
  ) : (
    <Empty title="No runs yet">
      <p>
        A run is a prompt with its answers. <a href={hrefOf(['playground'])}>The playground</a> makes one, a{' '}
        <a href={hrefOf(['files'])}>file of prompts</a> makes many.
      </p>
    </Empty>
  );
