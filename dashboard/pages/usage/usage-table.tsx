import { useState } from 'preact/hooks';
import { UNKNOWN } from '../../../report/figures.ts';
import { Defined } from '../../parts/figure.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { Failure } from '../../parts/states.tsx';
import { type Grouping, idOf, labelOf, titleOf, type UsageGroup } from './grouping.ts';
import { placeOf } from './series.ts';
import { COLUMNS, columnFormat, type Sums, type UsageFigure } from './usage-figures.ts';

/** The name of a figure with its definition on hover and focus. */
export const UsageTerm = ({
  figure: { title, unit, definition },
  hasUnit = true,
}: {
  figure: UsageFigure;
  hasUnit?: boolean;
}) => (
  <>
    <Defined definition={definition}>{title}</Defined>
    {hasUnit && unit !== undefined && <span class="unit">, {unit}</span>}
  </>
);

/** Every figure of each group, and of all; ranked groups have the colours of the chart. */
export const UsageTable = ({
  groups,
  total,
  grouping,
  csv,
}: {
  groups: readonly UsageGroup[];
  total: Sums;
  grouping: Grouping;
  csv: () => Promise<void>;
}) => {
  const formats = COLUMNS.map((figure) => columnFormat(figure, [...groups, total].map(figure.of)));
  const cells = (sums: Sums) =>
    COLUMNS.map((figure, at) => (
      <td key={figure.name} class="number">
        {formats[at]?.(figure.of(sums)) ?? UNKNOWN}
      </td>
    ));
  const hasColours = grouping.by !== 'day';
  return (
    <Section
      title={`By ${titleOf(grouping).toLowerCase().replace('(utc)', '(UTC)')}`}
      beside={
        <div class="end">
          <Download csv={csv} />
        </div>
      }
    >
      <Scroll label="Usage by group">
        <table class="usage-table">
          <thead>
            <tr>
              <th scope="col">{titleOf(grouping)}</th>
              {COLUMNS.map((figure) => (
                <th key={figure.name} scope="col" class="number">
                  <UsageTerm figure={figure} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group, rank) => {
              const { text, isOwn } = labelOf(group, grouping);
              return (
                <tr key={idOf(group, grouping)}>
                  <th scope="row">
                    <span class="group-name">
                      {hasColours && (
                        <span class={`swatch series-${placeOf(rank, groups.length)}`} aria-hidden="true" />
                      )}
                      <bdi class={isOwn ? '' : 'muted'}>{text}</bdi>
                    </span>
                  </th>
                  {cells(group)}
                </tr>
              );
            })}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">All</th>
              {cells(total)}
            </tr>
          </tfoot>
        </table>
      </Scroll>
    </Section>
  );
};

const Download = ({ csv }: { csv: () => Promise<void> }) => {
  const [state, setState] = useState<{ isBusy: boolean; error?: unknown }>({ isBusy: false });
  const download = (): void => {
    setState({ isBusy: true });
    csv().then(
      () => setState({ isBusy: false }),
      (error: unknown) => setState({ isBusy: false, error }),
    );
  };
  return (
    <>
      <button type="button" class="button" aria-disabled={state.isBusy} onClick={download}>
        <Icon name="down" />
        CSV
      </button>
      {state.error !== undefined && (
        <Failure error={state.error} what="The table could not be downloaded" retry={download} />
      )}
    </>
  );
};
