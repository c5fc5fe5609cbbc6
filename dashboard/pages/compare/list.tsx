import { useEffect, useState } from 'preact/hooks';
import type { ComparisonList, ComparisonSummary } from '../../../client/index.ts';
import { hasEnded } from '../../../report/comparison-data.ts';
import { counted } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { everytoken } from '../../api.ts';
import { changeQuery } from '../../location.ts';
import { Icon } from '../../parts/icon.tsx';
import { useLoad } from '../../parts/load.ts';
import { SettingName } from '../../parts/setting-name.tsx';
import { Empty, Loadable } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { When } from '../../parts/when.tsx';
import { VerdictLine } from './verdict-line.tsx';

type Status = ComparisonSummary['status'];

const STATUSES: readonly { value: Status | ''; label: string }[] = [
  { value: '', label: 'All' },
  { value: 'generating', label: 'Generating' },
  { value: 'generated', label: 'Indexing' },
  { value: 'completed', label: 'Completed' },
  { value: 'completed_with_errors', label: 'With errors' },
  { value: 'failed', label: 'Failed' },
];

const PAGE = 30;
/** While any comparison goes on, the list is read again this often, if the page is in sight. */
const AGAIN_MS = 5_000;
const LABELS_SHOWN = 6;

export const List = ({ query }: { query: URLSearchParams }) => {
  const status = STATUSES.find(({ value }) => value === query.get('status'))?.value ?? '';
  const [pages, setPages] = useState(1);
  useEffect(() => setPages(1), [status]);
  const list = useLoad((signal) => readPages(status, pages, signal), [status, pages]);
  const isGoing = list.value?.data.some((each) => !hasEnded(each)) ?? false;
  useEffect(() => {
    if (!isGoing) return;
    const timer = setInterval(() => {
      if (!document.hidden) list.reload();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [isGoing, list.reload]);
  // More of the same list: what is there stays while it is read.
  const [last, setLast] = useState<{ status: string; value: ComparisonList } | undefined>(undefined);
  useEffect(() => {
    if (list.value) setLast({ status, value: list.value });
  }, [list.value]);
  const kept = list.value ?? (last?.status === status ? last.value : undefined);
  return (
    <>
      <header>
        <h1>Compare</h1>
        <div class="end">
          <select
            aria-label="Status"
            value={status}
            onChange={(event) => changeQuery({ status: event.currentTarget.value })}
          >
            {STATUSES.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
          <a class="button primary" href={hrefOf(['compare'], { new: 1 })}>
            <Icon name="plus" />
            New comparison
          </a>
        </div>
      </header>
      <Loadable of={{ ...list, value: kept }} what="the comparisons">
        {({ data, next_cursor }) =>
          data.length === 0 && next_cursor === null ? (
            <Nothing isFiltered={status !== ''} />
          ) : (
            <>
              <ul class="comparisons">
                {data.map((each) => (
                  <li key={each.id}>
                    <Entry comparison={each} />
                  </li>
                ))}
              </ul>
              {next_cursor !== null && (
                <p class="more">
                  <button
                    type="button"
                    class="button"
                    aria-disabled={list.isLoading}
                    onClick={() => {
                      if (!list.isLoading) setPages(pages + 1);
                    }}
                  >
                    {list.isLoading ? 'Reading…' : 'Show more'}
                  </button>
                </p>
              )}
            </>
          )
        }
      </Loadable>
    </>
  );
};

const Nothing = ({ isFiltered }: { isFiltered: boolean }) =>
  isFiltered ? (
    <Empty title="No comparison has this status">
      <p>
        <a href={hrefOf(['compare'])}>Show all</a>
      </p>
    </Empty>
  ) : (
    <Empty title="No comparison yet">
      <p>
        A comparison asks every prompt with every setting, several times, and tells which settings are faster,
        cheaper, more diverse and more often right, and which of these differences are only noise.
      </p>
      <a class="button primary" href={hrefOf(['compare'], { new: 1 })}>
        Build one
      </a>
    </Empty>
  );

/** So many pages as one list. */
const readPages = async (
  status: Status | '',
  pages: number,
  signal: AbortSignal,
): Promise<ComparisonList> => {
  const data: ComparisonSummary[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page++) {
    const answer: ComparisonList = await everytoken().comparisons.list(
      { limit: PAGE, ...(status === '' ? {} : { status }), ...(cursor === null ? {} : { cursor }) },
      { signal },
    );
    data.push(...answer.data);
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return { data, next_cursor: cursor };
};

const Entry = ({ comparison }: { comparison: ComparisonSummary }) => {
  const { id, name, status, settings, prompts, samples, progress, created_at, models, error } = comparison;
  const title = shownLine(name ?? '') || settings.map(({ label }) => shownLine(label)).join(' or ');
  return (
    <article class="comparison-entry">
      <header class="row">
        <h2>
          <a href={hrefOf(['compare', id])}>
            <bdi>{title}</bdi>
          </a>
        </h2>
        <StatusBadge status={status} />
        <span class="muted small end">
          <When at={created_at} />
        </span>
      </header>
      <ul class="labels small">
        {settings.slice(0, LABELS_SHOWN).map(({ label }, at) => (
          <li key={label}>
            <SettingName label={label} at={at} />
          </li>
        ))}
        {settings.length > LABELS_SHOWN && <li class="muted">and {settings.length - LABELS_SHOWN} more</li>}
      </ul>
      {hasEnded(comparison) ? (
        error === null ? (
          <VerdictLine id={id} />
        ) : (
          <p class="bad">
            <bdi>{shownLine(error.message)}</bdi>
          </p>
        )
      ) : (
        <p class="row">
          <progress max={progress.blocks} value={progress.done} aria-label="Blocks done" />
          <span class="small muted number">
            {progress.done.toLocaleString('en-US')} of {counted(progress.blocks, 'block')}
          </span>
        </p>
      )}
      <p class="small muted">
        {counted(settings.length, 'setting')} × {counted(prompts, 'prompt')} × {counted(samples, 'sample')}:{' '}
        {counted(progress.generations, 'answer')} · <bdi>{models.map(shownLine).join(', ')}</bdi>
      </p>
    </article>
  );
};
