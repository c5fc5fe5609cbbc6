import { useEffect, useState } from 'preact/hooks';
import type { FileSummary } from '../../../client/index.ts';
import { dollars } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { everytoken } from '../../api.ts';
import { doneOf, statusText, toneOf } from '../../files/words.ts';
import { changeQuery } from '../../location.ts';
import { useLoad } from '../../parts/load.ts';
import { Empty, Loadable } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { useFollowed } from './use-followed.ts';

type Status = FileSummary['status'];

const STATUSES: readonly { value: Status | ''; label: string }[] = [
  { value: '', label: 'Any status' },
  { value: 'awaiting_upload', label: 'Awaiting upload' },
  { value: 'reading', label: 'Reading' },
  { value: 'generating', label: 'Generating' },
  { value: 'completed', label: 'Completed' },
  { value: 'completed_with_errors', label: 'Completed with errors' },
  { value: 'failed', label: 'Failed' },
  { value: 'cancelled', label: 'Cancelled' },
];

const PAGE = 30;
const MOST = 600;

/** All files that were uploaded or dropped, newest first; those under way are followed. */
export const FileList = ({ query, turn }: { query: URLSearchParams; turn: number }) => {
  const status = STATUSES.find(({ value }) => value !== '' && value === query.get('status'))?.value;
  const [limit, setLimit] = useState(PAGE);
  const files = useLoad(
    (signal) => firstFiles({ ...(status && { status }) }, limit, signal),
    [status, limit],
  );
  useEffect(() => {
    if (turn > 0) files.reload();
  }, [turn]);
  return (
    <section class="section" aria-label="Uploaded files">
      <header>
        <h2>Uploaded</h2>
        <div class="end">
          <select
            aria-label="Status"
            onChange={({ currentTarget }) => changeQuery({ status: currentTarget.value })}
          >
            {STATUSES.map(({ value, label }) => (
              <option key={value} value={value} selected={value === (status ?? '')}>
                {label}
              </option>
            ))}
          </select>
        </div>
      </header>
      <Loadable of={files} what="the files">
        {({ shown, isMore }) =>
          shown.length === 0 ? (
            <NoFiles isFiltered={status !== undefined} />
          ) : (
            <>
              <Rows files={shown} onEnd={files.reload} />
              {isMore && limit < MOST && (
                <button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>
                  Show more
                </button>
              )}
            </>
          )
        }
      </Loadable>
    </section>
  );
};

const firstFiles = async (
  query: { status?: Status },
  limit: number,
  signal: AbortSignal,
): Promise<{ shown: FileSummary[]; isMore: boolean }> => {
  const shown: FileSummary[] = [];
  for await (const file of everytoken().files.all(
    { ...query, limit: Math.min(100, limit + 1) },
    { signal },
  )) {
    if (shown.length === limit) return { shown, isMore: true };
    shown.push(file);
  }
  return { shown, isMore: false };
};

const NoFiles = ({ isFiltered }: { isFiltered: boolean }) =>
  isFiltered ? (
    <Empty title="No file has this status">
      <button type="button" class="button" onClick={() => changeQuery({ status: null })}>
        Show all files
      </button>
    </Empty>
  ) : (
    <Empty title="No files yet">
      <p>
        Drop one above, put it into the folder <code>.everytoken/drop/</code> of a local stack or the bucket
        of a deployment, or use <code>everytoken file run</code>.
      </p>
    </Empty>
  );

/** The bytes of an announced file arrive within a quarter of an hour, or never. */
const ANNOUNCED_MS = 900_000;

const isOpen = ({ ended_at, status, created_at }: FileSummary): boolean =>
  ended_at === null && (status !== 'awaiting_upload' || Date.now() - Date.parse(created_at) < ANNOUNCED_MS);

const Rows = ({ files, onEnd }: { files: readonly FileSummary[]; onEnd: () => void }) => {
  const open = files.filter(isOpen);
  const newer = useFollowed(
    open.map(({ id }) => id),
    onEnd,
  );
  return (
    <ul class="file-list">
      {files.map((file) => (
        // A state that was followed before the list was read again is older than the list.
        <Row key={file.id} file={(isOpen(file) ? newer.get(file.id) : undefined) ?? file} />
      ))}
    </ul>
  );
};

const Row = ({ file }: { file: FileSummary }) => {
  const { id, filename, counts, paid_usd, created_at, ended_at, dry_run, retry_of } = file;
  const progress = doneOf(file);
  return (
    <li>
      <a href={hrefOf(['files', id])}>
        <bdi class="name">{shownLine(filename)}</bdi>
        <span class="status">
          <span class={`badge ${toneOf(file)}`}>{statusText(file)}</span>
          {dry_run && <span class="badge">dry run</span>}
          {retry_of !== null && <span class="badge">retry</span>}
        </span>
        <span class="number">
          {progress && ended_at === null
            ? `${progress.done.toLocaleString('en-US')} of ${progress.lines.toLocaleString('en-US')}`
            : `${counts.lines?.toLocaleString('en-US') ?? '–'} ${counts.lines === 1 ? 'row' : 'rows'}`}
        </span>
        <span class={`number failed${counts.failed > 0 ? ' bad' : ''}`}>
          {counts.failed > 0 ? `${counts.failed.toLocaleString('en-US')} failed` : ''}
        </span>
        <span class="number paid" data-tip="Paid for this file">
          {dollars(paid_usd)}
        </span>
        <span class="number when">
          <When at={created_at} />
        </span>
        {ended_at === null && progress && (
          <progress value={progress.done} max={Math.max(1, progress.lines)} aria-label="Rows done" />
        )}
      </a>
    </li>
  );
};
