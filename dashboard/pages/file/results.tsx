import { useEffect, useRef, useState } from 'preact/hooks';
import type { PromptFile, ResultFormat } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { everytoken } from '../../api.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/states.tsx';

type Download = { format: ResultFormat; title: string; what: string; extension: string };

const DOWNLOADS: readonly Download[] = [
  {
    format: 'csv',
    title: 'Table',
    what: 'your table with text, status, tokens, cost and times beside it',
    extension: 'csv',
  },
  { format: 'txt', title: 'Answer', what: 'the answer and nothing else', extension: 'txt' },
  {
    format: 'jsonl',
    title: 'All figures',
    what: 'a line for each line of the file, with every output and its times',
    extension: 'jsonl',
  },
  {
    format: 'summary',
    title: 'Summary',
    what: 'counts, tokens, US dollars, milliseconds',
    extension: 'summary.json',
  },
];

const PARTIAL: readonly Download[] = [
  {
    format: 'partial_csv',
    title: 'Table so far',
    what: 'your table with the answers so far',
    extension: 'so-far.csv',
  },
  {
    format: 'partial',
    title: 'All figures so far',
    what: 'a line for each line that is done',
    extension: 'so-far.jsonl',
  },
];

/** Links to the results; while a file is generated, to those so far. */
export const Results = ({ file, onChange }: { file: PromptFile; onChange: () => void }) => {
  const { downloads, ended_at, status } = file;
  // The API gives links to results so far before they are written.
  const [isWritten, setWritten] = useState(false);
  const there = (ended_at === null ? PARTIAL : DOWNLOADS).flatMap((download) => {
    const url = downloads?.[download.format];
    const isThere = ended_at !== null || isWritten;
    return url === undefined || !isThere ? [] : [{ ...download, url }];
  });
  return (
    <section class="card" aria-label="Results">
      <header>
        <h2>Results</h2>
        {status === 'generating' && ended_at === null && (
          <div class="end">
            <SoFar
              id={file.id}
              isWritten={isWritten}
              onWritten={() => {
                setWritten(true);
                onChange();
              }}
            />
          </div>
        )}
      </header>
      {there.length === 0 ? (
        <p class="muted">
          {ended_at === null ? 'They are written once all rows are done.' : 'This file has no results.'}
        </p>
      ) : (
        <ul class="downloads">
          {there.map(({ format, title, what, extension, url }) => (
            <li key={format}>
              <a href={url} download={`${shownLine(file.filename)}.${extension}`} class="button">
                <Icon name="down" />
                {title}
              </a>
              <span class="muted small">{what}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};

const LOOK_MS = 1_000;
const LIMIT_MS = 120_000;

/** Has the results so far written, and waits until their links are there and newer than the request. */
const SoFar = ({ id, isWritten, onWritten }: { id: string; isWritten: boolean; onWritten: () => void }) => {
  const [state, setState] = useState<{ isBusy: boolean; error?: unknown }>({ isBusy: false });
  const aborter = useRef(new AbortController());
  useEffect(() => () => aborter.current.abort(), []);
  const write = async (): Promise<void> => {
    const { signal } = aborter.current;
    setState({ isBusy: true });
    try {
      // Whole seconds, as the object store tells when an object was written.
      const since = Math.floor(Date.now() / 1000) * 1000;
      await everytoken().files.results(id, { signal });
      await whenWritten(id, since, signal);
      setState({ isBusy: false });
      onWritten();
    } catch (error) {
      if (!signal.aborted) setState({ isBusy: false, error });
    }
  };
  return (
    <>
      <button type="button" class="button" disabled={state.isBusy} onClick={write}>
        {state.isBusy ? 'Writing' : isWritten ? 'Write them again' : 'Write those so far'}
      </button>
      {state.error !== undefined && <Failure error={state.error} what="They could not be written" />}
    </>
  );
};

const whenWritten = async (id: string, since: number, signal: AbortSignal): Promise<void> => {
  for (let waited = 0; waited < LIMIT_MS; waited += LOOK_MS) {
    const { downloads, ended_at } = await everytoken().files.get(id, { signal });
    if (ended_at !== null) return;
    if (downloads?.partial !== undefined && (await isNewer(downloads.partial, since, signal))) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    signal.throwIfAborted();
  }
  throw new Error('They were not written in time. Ask again.');
};

/** Whether an object was written since then; the store may not tell, and then what is there counts. */
const isNewer = async (url: string, since: number, signal: AbortSignal): Promise<boolean> => {
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  const at = Date.parse(response.headers.get('last-modified') ?? '');
  return response.ok && (Number.isNaN(at) || at >= since);
};
