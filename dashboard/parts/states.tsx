import type { ComponentChildren } from 'preact';
import { ApiError, ConnectionError, TimeoutError } from '../../client/index.ts';
import { shownLine } from '../../report/shown-text.ts';
import { isKeyWanted, isRefusedKey } from '../api.ts';
import type { Loaded } from './load.ts';

/** Lines in place of something that is being read. */
export const Loading = ({ what }: { what: string }) => (
  <div class="loading" role="status">
    <span class="unseen">Loading {what}</span>
    <span />
    <span />
    <span />
  </div>
);

/** Says that there is nothing, and how something comes to be. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="state">
    <h2>{title}</h2>
    {children}
  </div>
);

/** Says what failed, which fields are at fault, and offers another try. */
export const Failure = ({
  error,
  what,
  retry,
}: {
  error: unknown;
  /** `the runs could not be read` */
  what: string;
  retry?: (() => void) | undefined;
}) => (
  <div class="state failure" role="alert">
    <h2>{what}</h2>
    <p>{reasonOf(error)}</p>
    {error instanceof ApiError && error.errors !== undefined && error.errors.length > 0 && (
      <ul>
        {error.errors.map((each) => (
          <li key={each.path}>
            <code>{shownLine(each.path)}</code>: {shownLine(each.message)}
          </li>
        ))}
      </ul>
    )}
    {isRefusedKey(error) && (
      <button
        type="button"
        class="button"
        onClick={() => {
          isKeyWanted.value = 'refused';
        }}
      >
        Change the API key
      </button>
    )}
    {retry && (
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    )}
  </div>
);

export const reasonOf = (error: unknown): string => {
  if (error instanceof ApiError) return shownLine(error.message);
  if (error instanceof TimeoutError) return 'The API has not answered in time.';
  if (error instanceof ConnectionError)
    return 'The API cannot be reached from this page: check that it runs, and the network.';
  return error instanceof Error ? shownLine(error.message) : 'The reason is not known.';
};

/** Shows a value once it is there, and the states before and instead of it. */
export const Loadable = <T,>({
  of,
  what,
  children,
}: {
  of: Loaded<T>;
  /** `the runs` */
  what: string;
  children: (value: T) => ComponentChildren;
}) => {
  if (of.value !== undefined)
    return (
      <>
        {of.error !== undefined && (
          <Failure
            error={of.error}
            what={`Not up to date: ${what} could not be read again`}
            retry={of.reload}
          />
        )}
        {children(of.value)}
      </>
    );
  if (of.error !== undefined)
    return <Failure error={of.error} what={`No answer: ${what} could not be read`} retry={of.reload} />;
  return <Loading what={what} />;
};
