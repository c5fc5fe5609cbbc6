import { Section } from '../../parts/section.tsx';
import './page.css';
import { useState } from 'preact/hooks';
import type { Comparison } from '../../../client/index.ts';
import { hasEnded } from '../../../report/comparison-data.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { Absent, isAbsent } from '../../parts/absent.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Text } from '../../parts/prose.tsx';
import { Loadable } from '../../parts/states.tsx';
import { StatusBadge } from '../../parts/status-badge.tsx';
import type { PageProps } from '../page-props.ts';
import { Actions } from './actions.tsx';
import { Charts } from './charts.tsx';
import { Differences } from './differences.tsx';
import { useFollowed } from './follow.ts';
import { LeftOut } from './left-out.tsx';
import { Method } from './method.tsx';
import { Progress } from './progress.tsx';
import { SettingsTable } from './settings-table.tsx';
import { Texts } from './texts.tsx';
import { Verdict } from './verdict.tsx';

const TABS = [
  { value: 'figures', label: 'Figures' },
  { value: 'texts', label: 'Texts' },
  { value: 'method', label: 'Method' },
  { value: 'json', label: 'JSON' },
] as const;

/** One comparison, followed until it has ended. */
export const Page = ({ rest: [id = ''], query }: PageProps) => {
  const [isDeleted, setDeleted] = useState(false);
  const followed = useFollowed(id, isDeleted);
  const comparison = followed.value;
  const tab = TABS.find(({ value }) => value === query.get('tab'))?.value ?? 'figures';
  return (
    <>
      <header>
        <h1>
          <bdi>{comparison ? titleOf(comparison) : 'Comparison'}</bdi>
        </h1>
        {comparison && <StatusBadge status={comparison.status} />}
        {comparison && <Actions comparison={comparison} onDelete={() => setDeleted(true)} />}
      </header>
      {comparison === undefined && isAbsent(followed.error) ? (
        <Absent error={followed.error} kind="comparison" id={id} segment="compare" />
      ) : (
        <Loadable of={followed} what="the comparison">
          {(shown) => (
            <>
              {!hasEnded(shown) && <Progress comparison={shown} />}
              <nav class="tabs" aria-label="Parts of the comparison">
                {TABS.map(({ value, label }) => (
                  <a
                    key={value}
                    href={hrefOf(['compare', shown.id], {
                      ...Object.fromEntries(query),
                      tab: value === 'figures' ? null : value,
                    })}
                    aria-current={value === tab ? 'true' : undefined}
                  >
                    {label}
                  </a>
                ))}
                <a class="its-runs" href={hrefOf(['runs'], { 'metadata.comparison': shown.id })}>
                  Its runs
                </a>
              </nav>
              <Part tab={tab} comparison={shown} query={query} />
            </>
          )}
        </Loadable>
      )}
    </>
  );
};

const titleOf = ({ name, settings }: Comparison): string =>
  shownLine(name ?? '') || settings.map(({ label }) => shownLine(label)).join(' or ');

const Part = ({
  tab,
  comparison,
  query,
}: {
  tab: (typeof TABS)[number]['value'];
  comparison: Comparison;
  query: URLSearchParams;
}) => {
  if (tab === 'texts') return <Texts comparison={comparison} query={query} />;
  if (tab === 'method') return <Method comparison={comparison} />;
  if (tab === 'json') return <Json comparison={comparison} />;
  return (
    <>
      <Verdict comparison={comparison} />
      <SettingsTable comparison={comparison} />
      <Charts comparison={comparison} />
      <Differences comparison={comparison} />
      <LeftOut comparison={comparison} />
    </>
  );
};

const Json = ({ comparison }: { comparison: Comparison }) => {
  const json = JSON.stringify(comparison, null, 2);
  return (
    <Section
      title="JSON"
      beside={
        <div class="end">
          <Copy label="Copy" text={() => json} />
        </div>
      }
    >
      <p class="muted small">
        As <code>GET /comparisons/{comparison.id}?texts=false</code> answers it.
      </p>
      <div class="card mono json">
        <Text text={json} />
      </div>
    </Section>
  );
};
