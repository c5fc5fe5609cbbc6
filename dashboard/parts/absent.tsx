import { ApiError } from '../../client/index.ts';
import { shownLine } from '../../report/shown-text.ts';
import { hrefOf } from '../address.ts';
import { Empty } from './states.tsx';

/** Whether the API says that a thing was never there for this key, or was deleted. */
export const isAbsent = (error: unknown): error is ApiError =>
  error instanceof ApiError && [404, 410].includes(error.status);

/** Says that one thing is not there, and where all others are. */
export const Absent = ({
  error,
  kind,
  id,
  segment,
}: {
  error: ApiError;
  kind: 'run' | 'comparison' | 'file';
  id: string;
  /** Of the page that lists all of them. */
  segment: string;
}) => (
  <Empty title={error.status === 410 ? `This ${kind} was deleted` : `There is no such ${kind}`}>
    <p>
      {error.status === 410 ? (
        'What it held is gone with it.'
      ) : (
        <>
          No {kind} of yours has the id <code>{shownLine(id)}</code>.
        </>
      )}{' '}
      <a href={hrefOf([segment])}>All {kind}s</a> lists what there is.
    </p>
  </Empty>
);
