import './page.css';
import type { PromptFile } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { remedyOfFile } from '../../files/reasons.ts';
import { statusText, toneOf } from '../../files/words.ts';
import { Absent, isAbsent } from '../../parts/absent.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import type { PageProps } from '../page-props.ts';
import { Actions } from './actions.tsx';
import { Cost } from './cost.tsx';
import { Faults } from './faults.tsx';
import { Progress } from './progress.tsx';
import { Results } from './results.tsx';
import { useFile } from './use-file.ts';

/** One file of prompts: how far it is, what it costs, which lines failed, and its results. */
export const Page = ({ rest: [id = ''] }: PageProps) => {
  const { file, error, reload } = useFile(id);
  return (
    <>
      <header>
        <h1>
          <bdi>{file ? shownLine(file.filename) : 'File'}</bdi>
        </h1>
        {file && <Actions file={file} onChange={reload} />}
      </header>
      {isAbsent(error) ? (
        <Absent error={error} kind="file" id={id} segment="files" />
      ) : (
        error !== undefined && <Failure error={error} what="The file could not be read" retry={reload} />
      )}
      {file ? <Shown file={file} onChange={reload} /> : error === undefined && <Loading what="the file" />}
    </>
  );
};

const Shown = ({ file, onChange }: { file: PromptFile; onChange: () => void }) => (
  <>
    <p class="file-line">
      <span class={`badge ${toneOf(file)}`} role="status">
        {statusText(file)}
      </span>
      {file.dry_run && <span class="badge">dry run</span>}
      <span>
        uploaded <When at={file.created_at} />
      </span>
      {file.ended_at !== null && (
        <span>
          ended <When at={file.ended_at} />
        </span>
      )}
      {file.retry_of !== null && (
        <a href={hrefOf(['files', file.retry_of])}>a retry of {shownLine(file.retry_of)}</a>
      )}
      {file.endpoint !== '/v1/embeddings' && <a href={hrefOf(['runs'], { file: file.id })}>its runs</a>}
    </p>
    {file.error && (
      <div class="state failure" role="alert">
        <h2>The file was not generated</h2>
        <p>
          <code>{shownLine(file.error.code)}</code>: {shownLine(file.error.message)}
        </p>
        <p>{remedyOfFile(file.error.code)}</p>
      </div>
    )}
    {file.stopped && (
      <p class="muted">
        {file.stopped.code === 'max_cost_reached'
          ? 'Stopped at its limit of cost: lines that had not begun are not generated.'
          : 'Stopped: lines that had not begun are not generated.'}
      </p>
    )}
    <Progress file={file} />
    <div class="file-columns">
      <Faults file={file} />
      <Results file={file} onChange={onChange} />
      <Cost file={file} />
    </div>
  </>
);
