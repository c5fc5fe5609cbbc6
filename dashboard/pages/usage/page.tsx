import { Section } from '../../parts/section.tsx';
import './page.css';
import { ApiError, type Operations, type UsageReport } from '../../../client/index.ts';
import { apiKey, everytoken } from '../../api.ts';
import { changeQuery } from '../../location.ts';
import { useLoad } from '../../parts/load.ts';
import { saveFile } from '../../parts/save.ts';
import { Empty, Loadable } from '../../parts/states.tsx';
import type { PageProps } from '../page-props.ts';
import { BudgetLeft } from './budget.tsx';
import { Callers } from './callers.tsx';
import { Choices } from './choices.tsx';
import { type Grouping, groupBy, groupingOf } from './grouping.ts';
import { OperationsNow } from './operations-now.tsx';
import { figureOf, OverTime } from './over-time.tsx';
import { faultOf, type Period, periodOf, periodParameters } from './period.ts';
import { ranked } from './series.ts';
import { Totals } from './totals.tsx';
import { UsageTable } from './usage-table.tsx';

/** Usage over a period by group, the budget that is left, and what an operator sees of all callers. */
export const Page = ({ query }: PageProps) => {
  const operated = useLoad(readOperated, []);
  const isOperator = operated.value?.isOperator === true;
  // Not while it is read: for a caller there is nothing to come.
  const hasOperations = Boolean(operated.value) || operated.error !== undefined;
  const period = periodOf(query, Date.now());
  const grouping = groupingOf(query);
  const caller = query.get('caller') ?? '';
  const fault = faultOf(period);
  const isAsked = fault === undefined && (grouping.by !== 'metadata' || grouping.key !== '');
  const asked = { period, grouping, caller };
  const usage = useLoad(
    (signal) => (isAsked ? everytoken().usage(parametersOf(asked, [grouping]), { signal }) : nothing()),
    [isAsked, asked],
  );
  const daily = useLoad(
    (signal) =>
      isAsked
        ? everytoken().usage(
            parametersOf(asked, grouping.by === 'day' ? [grouping] : [{ by: 'day' }, grouping]),
            {
              signal,
            },
          )
        : nothing(),
    [isAsked, asked],
  );
  const again = (): void => {
    for (const loaded of [usage, daily, operated]) loaded.reload();
  };
  return (
    <div class="usage">
      <header class="usage-header">
        <h1>Usage</h1>
        <Choices
          period={period}
          fault={fault}
          grouping={grouping}
          caller={caller}
          isOperator={isOperator}
          shown={usage.value}
          again={again}
        />
      </header>
      {isAsked ? (
        <Loadable of={usage} what="the usage">
          {(report) => (
            <Report report={report} daily={daily} asked={asked} query={query} isOperator={isOperator} />
          )}
        </Loadable>
      ) : (
        <Empty title={fault ?? 'Name a key of metadata, such as tenant, to group by its values'} />
      )}
      {isOperator && <Callers />}
      {hasOperations && (
        <Section title="Operations">
          <Loadable of={operated} what="the work in hand">
            {(value) => value !== null && <OperationsNow operations={value.operations} />}
          </Loadable>
        </Section>
      )}
    </div>
  );
};

type Asked = { period: Period; grouping: Grouping; caller: string };

const parametersOf = ({ period, caller }: Asked, groupings: readonly Grouping[]) => ({
  ...periodParameters(period),
  group_by: groupBy(groupings),
  ...(caller === '' ? {} : { caller }),
});

/** A request that is not sent. */
const nothing = () => new Promise<never>(() => {});

/** The answers that only an operator gets; null for others, which is no error of this page. */
const readOperated = async (
  signal: AbortSignal,
): Promise<{ operations: Operations; isOperator: boolean } | null> => {
  const operations = await unlessForbidden(everytoken().operations({ signal }));
  if (operations === null) return null;
  // A deployment without keys tells operations to everyone, and callers to nobody.
  if (apiKey.value === '') return { operations, isOperator: false };
  const callers = await unlessForbidden(everytoken().callers({ limit: 1 }, { signal }));
  return { operations, isOperator: callers !== null };
};

const unlessForbidden = <T,>(answer: Promise<T>): Promise<T | null> =>
  answer.catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  });

const Report = ({
  report,
  daily,
  asked,
  query,
  isOperator,
}: {
  report: UsageReport;
  daily: ReturnType<typeof useLoad<UsageReport>>;
  asked: Asked;
  query: URLSearchParams;
  isOperator: boolean;
}) => {
  const { grouping } = asked;
  const groups =
    grouping.by === 'day'
      ? report.groups.toSorted((a, b) => (b.key ?? '').localeCompare(a.key ?? ''))
      : ranked(report.groups);
  const csv = async (): Promise<void> => {
    const text = await everytoken().usageCsv(parametersOf(asked, [grouping]));
    saveFile(
      new Blob([text], { type: 'text/csv' }),
      `usage-${grouping.by}-${report.since.slice(0, 10)}-${report.until.slice(0, 10)}.csv`,
    );
  };
  return (
    <>
      <Totals total={report.total} />
      {report.truncated && (
        <p class="card warning" role="status">
          Not all runs were read: this grouping reads runs themselves, 10,000 at most. Choose a shorter time,
          or one that ended an hour ago.
        </p>
      )}
      {report.total.requests === 0 ? (
        <Empty title="No runs in this time">
          <p>
            Usage begins with the first run. <a href="#/playground">Send a prompt</a>, or{' '}
            <button
              type="button"
              class="link"
              onClick={() => changeQuery({ period: '90d', since: null, until: null })}
            >
              look at 90 days
            </button>
            .
          </p>
        </Empty>
      ) : (
        <OverTime groups={groups} daily={daily} grouping={grouping} figure={figureOf(query)} />
      )}
      {(!isOperator || asked.caller !== '') && <BudgetLeft budget={report.budget} />}
      {report.groups.length > 0 && (
        <UsageTable groups={groups} total={report.total} grouping={grouping} csv={csv} />
      )}
    </>
  );
};
