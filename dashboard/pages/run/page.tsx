import './page.css';
import type { Run } from '../../../client/index.ts';
import { hrefOf } from '../../address.ts';
import { Absent, isAbsent } from '../../parts/absent.tsx';
import { useLoad } from '../../parts/load.ts';
import { Loadable } from '../../parts/states.tsx';
import type { PageProps } from '../page-props.ts';
import { Details } from './details.tsx';
import { Raw } from './raw.tsx';
import { RunHeader } from './run-header.tsx';
import { Similar } from './similar.tsx';
import { Texts } from './texts.tsx';
import { TokensPart } from './tokens-part.tsx';
import { useRun } from './use-run.ts';

const TABS = [
  { tab: 'texts', title: 'Texts' },
  { tab: 'tokens', title: 'Tokens' },
  { tab: 'timing', title: 'Timing' },
  { tab: 'details', title: 'Settings and cost' },
  { tab: 'similar', title: 'Similar' },
  { tab: 'raw', title: 'JSON' },
] as const;

/** One run: its texts, when each token came, how it was asked, what it cost, and what is like it. */
export const Page = ({ rest, query }: PageProps) => {
  const [id = ''] = rest;
  const run = useRun(id);
  if (run.value === undefined && isAbsent(run.error))
    return (
      <>
        <header>
          <h1>Run</h1>
        </header>
        <Absent error={run.error} kind="run" id={id} segment="runs" />
      </>
    );
  return (
    <>
      {run.value === undefined && (
        <header>
          <h1>Run</h1>
        </header>
      )}
      <Loadable of={run} what="the run">
        {(value) => <OpenRun run={value} query={query} reload={run.reload} />}
      </Loadable>
    </>
  );
};

const OpenRun = ({ run, query, reload }: { run: Run; query: URLSearchParams; reload: () => void }) => {
  const { tab: open } = TABS.find(({ tab }) => tab === query.get('tab')) ?? TABS[0];
  return (
    <>
      <RunHeader run={run} reload={reload} />
      <nav class="tabs" aria-label="Parts of the run">
        {TABS.map(({ tab, title }) => (
          <a
            key={tab}
            href={hrefOf(['runs', run.id], {
              tab: tab === 'texts' ? null : tab,
              generation: query.get('generation'),
            })}
            aria-current={tab === open ? 'true' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      {open === 'texts' && <Texts run={run} query={query} />}
      {open === 'tokens' && <TokensPart run={run} query={query} />}
      {open === 'timing' && <TimingLater run={run} />}
      {open === 'details' && <Details run={run} />}
      {open === 'similar' && <Similar run={run} query={query} />}
      {open === 'raw' && <Raw run={run} />}
    </>
  );
};

/** The charts are most of this page's code, and most visits read texts. */
const TimingLater = ({ run }: { run: Run }) => {
  const part = useLoad(() => import('./timing.tsx'), []);
  return (
    <Loadable of={part} what="the charts">
      {({ TimingPart }) => <TimingPart run={run} />}
    </Loadable>
  );
};
